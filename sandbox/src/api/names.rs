//! Names as the servers' messages write them.

use std::fmt;

/// A member's name with a capital letter: `lastSurname` → `LastSurname`.
pub(crate) fn pascal(name: &str) -> String {
    let mut characters = name.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}

/// A class's name as a table's, in camel case: `StudentSchoolAssociation` → `studentSchoolAssociation`; a leading acronym
/// becomes small as a whole.
pub(crate) fn camel(name: &str) -> String {
    let capitals = name.chars().take_while(char::is_ascii_uppercase).count();
    let lowered = if capitals > 1 && capitals < name.len() { capitals - 1 } else { capitals };
    name.char_indices().map(|(at, c)| if at < lowered { c.to_ascii_lowercase() } else { c }).collect()
}

/// Where a member stands in a body, written as `addresses[0].city`.
pub(crate) enum Path<'p> {
    Root,
    Member(&'p Path<'p>, &'p str),
    Item(&'p Path<'p>, usize),
}

impl Path<'_> {
    pub(crate) fn member<'p>(&'p self, name: &'p str) -> Path<'p> {
        Path::Member(self, name)
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Member(Path::Root, name) => f.write_str(name),
            Self::Member(parent, name) => write!(f, "{parent}.{name}"),
            Self::Item(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_messages() {
        assert_eq!(pascal("lastSurname"), "LastSurname");
        assert_eq!(camel("StudentSchoolAssociation"), "studentSchoolAssociation");
        assert_eq!(camel("CTEProgramServiceDescriptor"), "cteProgramServiceDescriptor");
        assert_eq!(Path::Item(&Path::Root.member("addresses"), 0).member("city").to_string(), "addresses[0].city");
    }
}
