//! Which relation does a name stand for where it is used?

/// A level of query: what its FROM names, or one name a WITH gives.
pub(super) struct Scope<'a> {
    parent: Option<u32>,
    items: Vec<Item<'a>>,
    /// The name a WITH gives to a query, visible from here on down.
    with: Option<&'a str>,
}

/// Something that columns can be of.
#[derive(Clone, Copy)]
pub(super) struct Item<'a> {
    /// The alias, or the relation's own name.
    pub(super) name: &'a str,
    /// The schema, where there is one and no alias hides it.
    pub(super) schema: Option<&'a str>,
    /// Its place among the relations; `None` for a query, a function, a join.
    pub(super) relation: Option<u16>,
}

/// Every level of a statement.
pub(super) struct Scopes<'a> {
    list: Vec<Scope<'a>>,
    /// Names looked at so far.
    steps: usize,
}

/// Most names looked at to find where others belong: a statement of a million tokens could ask for the
/// square of that.
const STEPS_MAX: usize = 10_000_000;

impl<'a> Scopes<'a> {
    /// With one level, the outermost.
    pub(super) fn new() -> Scopes<'a> {
        Scopes { list: vec![Scope { parent: None, items: Vec::new(), with: None }], steps: 0 }
    }

    /// A level inside `parent`.
    pub(super) fn open(&mut self, parent: u32) -> u32 {
        self.add(parent, None)
    }

    /// A level inside `parent` from which the query `name` of a WITH can be seen.
    pub(super) fn open_with(&mut self, parent: u32, name: &'a str) -> u32 {
        self.add(parent, Some(name))
    }

    fn add(&mut self, parent: u32, with: Option<&'a str>) -> u32 {
        let place = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        self.list.push(Scope { parent: Some(parent), items: Vec::new(), with });
        place
    }

    pub(super) fn item(&mut self, scope: u32, item: Item<'a>) {
        if let Some(scope) = self.list.get_mut(scope as usize) {
            scope.items.push(item);
        }
    }

    /// What the FROM of `scope` itself names.
    pub(super) fn items(&self, scope: u32) -> &[Item<'a>] {
        self.list.get(scope as usize).map_or(&[], |scope| &scope.items)
    }

    /// Whether too many names were looked at.
    pub(super) fn is_exhausted(&self) -> bool {
        self.steps > STEPS_MAX
    }

    /// Whether a WITH around gives `name`.
    pub(super) fn is_with(&mut self, scope: u32, name: &str) -> bool {
        self.ascend(scope, |_, scope| (scope.with == Some(name)).then_some(())).is_some()
    }

    /// The innermost item called so, and its level.
    pub(super) fn find(&mut self, scope: u32, schema: Option<&str>, name: &str) -> Option<(u32, Item<'a>)> {
        self.ascend(scope, |place, scope| {
            let called = |item: &&Item<'a>| item.name == name && (schema.is_none() || item.schema == schema);
            scope.items.iter().find(called).map(|item| (place, *item))
        })
    }

    /// The same where a server may compare names without case: what is written alike is found first.
    pub(super) fn find_named(
        &mut self,
        scope: u32,
        schema: Option<&str>,
        name: &str,
    ) -> Option<(u32, Item<'a>)> {
        self.find(scope, schema, name).or_else(|| {
            self.ascend(scope, |place, scope| {
                let called = |item: &&Item<'a>| item.name.eq_ignore_ascii_case(name);
                scope.items.iter().find(called).map(|item| (place, *item))
            })
        })
    }

    /// Tells all items that may be called so, the innermost first: MySQL looks further out where one has no column
    /// of the name it looks for. Names are compared without case.
    pub(super) fn each_named(
        &mut self,
        scope: u32,
        schema: Option<&str>,
        name: &str,
        mut tell: impl FnMut(&Item<'a>),
    ) {
        self.ascend(scope, |_, scope| {
            for item in &scope.items {
                let elsewhere = |schema: &str| item.schema.is_some_and(|of| !of.eq_ignore_ascii_case(schema));
                if item.name.eq_ignore_ascii_case(name) && !schema.is_some_and(elsewhere) {
                    tell(item);
                }
            }
            None::<()>
        });
    }

    /// The relation a column without qualifier is of, if only one can be meant.
    pub(super) fn only(&mut self, scope: u32) -> Option<u16> {
        let mut only: Option<Item<'a>> = None;
        let others = self.ascend(scope, |_, scope| {
            scope.items.iter().find_map(|item| {
                let known = only.get_or_insert(*item);
                (known.relation.is_none() || known.relation != item.relation).then_some(())
            })
        });
        only.filter(|_| others.is_none()).and_then(|item| item.relation)
    }

    fn ascend<Found>(
        &mut self,
        scope: u32,
        mut look: impl FnMut(u32, &Scope<'a>) -> Option<Found>,
    ) -> Option<Found> {
        let mut at = Some(scope);
        while let Some(place) = at
            && self.steps <= STEPS_MAX
        {
            let scope = self.list.get(place as usize)?;
            self.steps += 1 + scope.items.len();
            if let Some(found) = look(place, scope) {
                return Some(found);
            }
            at = scope.parent;
        }
        None
    }
}
