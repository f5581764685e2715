//! The states compiled in: the only file that names state crates.
//!
//! `inventory` loses a crate that nobody names, without a word; so each is named here, under its feature, and the list
//! beside it is what the registry is held against at start.

macro_rules! states {
    ($($feature:literal: $library:ident registers $code:literal,)*) => {
        $(
            #[cfg(feature = $feature)]
            use $library as _;
        )*

        /// The codes of the states compiled in.
        pub const COMPILED_IN: &[&str] = &[$(#[cfg(feature = $feature)] $code,)*];

        /// The features by which they are.
        pub const FEATURES: &[&str] = &[$(#[cfg(feature = $feature)] $feature,)*];
    };
}

states! {
    "core-edfi": rollcall_core_edfi registers "ed-fi",
    "kansas": rollcall_kansas registers "ks",
    "minnesota": rollcall_minnesota registers "mn",
    "wisconsin": rollcall_wisconsin registers "wi",
}
