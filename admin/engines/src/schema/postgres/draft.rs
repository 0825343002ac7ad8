//! Where are the objects kept while their parts come in, found by the server's numbers?

use super::super::CatalogError;
use super::super::model::{Detail, Object, Relation};
use std::collections::HashMap;

/// Which of the server's catalogs a number is of: in another it may stand for something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Class {
    /// `pg_namespace`
    Schema,
    /// `pg_class`
    Relation,
    /// `pg_type`
    Type,
    /// `pg_proc`
    Routine,
}

/// Objects in the making. What hangs on an object that is not there, such as a key of a table in a schema
/// nobody asked for, is let go.
pub(super) struct Draft {
    objects: Vec<Object>,
    places: HashMap<(Class, u32), usize>,
    objects_max: usize,
}

impl Draft {
    pub(super) fn new(objects_max: usize) -> Draft {
        Draft { objects: Vec::new(), places: HashMap::new(), objects_max }
    }

    /// Adds an object that others refer to by its number.
    pub(super) fn add(&mut self, class: Class, oid: u32, object: Object) -> Result<(), CatalogError> {
        self.places.insert((class, oid), self.objects.len());
        self.add_unnumbered(object)
    }

    pub(super) fn add_unnumbered(&mut self, object: Object) -> Result<(), CatalogError> {
        if self.objects.len() >= self.objects_max {
            return Err(CatalogError::TooMany { objects_max: self.objects_max });
        }
        self.objects.push(object);
        Ok(())
    }

    pub(super) fn object(&mut self, class: Class, oid: u32) -> Option<&mut Object> {
        self.objects.get_mut(*self.places.get(&(class, oid))?)
    }

    pub(super) fn relation(&mut self, oid: u32) -> Option<&mut Relation> {
        match &mut self.object(Class::Relation, oid)?.definition.detail {
            Detail::Relation(relation) => Some(relation),
            _ => None,
        }
    }

    pub(super) fn into_objects(self) -> Vec<Object> {
        self.objects
    }
}
