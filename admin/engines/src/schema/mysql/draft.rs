//! Where are the objects kept while their parts come in, found by their names?

use super::super::CatalogError;
use super::super::model::{Detail, KeyGroup, Object, Relation};
use std::collections::HashMap;

/// Objects in the making. What hangs on an object that is not there is let go.
pub(super) struct Draft {
    objects: Vec<Object>,
    places: HashMap<(KeyGroup, String, String), usize>,
    /// How texts are compared in each database, where its tables do not say otherwise.
    pub(super) collations: HashMap<String, String>,
    objects_max: usize,
}

impl Draft {
    pub(super) fn new(objects_max: usize) -> Draft {
        Draft { objects: Vec::new(), places: HashMap::new(), collations: HashMap::new(), objects_max }
    }

    pub(super) fn add(&mut self, object: Object) -> Result<(), CatalogError> {
        if self.objects.len() >= self.objects_max {
            return Err(CatalogError::TooMany { objects_max: self.objects_max });
        }
        let key = (object.kind.group(), object.schema.clone(), object.name.clone());
        self.places.insert(key, self.objects.len());
        self.objects.push(object);
        Ok(())
    }

    pub(super) fn object(&mut self, group: KeyGroup, place: (String, String)) -> Option<&mut Object> {
        self.objects.get_mut(*self.places.get(&(group, place.0, place.1))?)
    }

    pub(super) fn relation(&mut self, place: (String, String)) -> Option<&mut Relation> {
        match &mut self.object(KeyGroup::Relation, place)?.definition.detail {
            Detail::Relation(relation) => Some(relation),
            _ => None,
        }
    }

    pub(super) fn into_objects(self) -> Vec<Object> {
        self.objects
    }
}
