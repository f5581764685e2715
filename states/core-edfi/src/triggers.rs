//! Trigger tables, and what holds for every resource.

use rollcall_core::resource::Trigger;

/// The rows that hold for every resource (School Exclude, Calendar Exclude, Resource Toggle and Resync Logic).
pub const TOGGLE_OFF: Trigger = Trigger::new(
    "None",
    "When a resource is toggled to off after data has sent, all sent data remains in the ODS but no new data sends.",
);
/// See [`TOGGLE_OFF`].
pub const TOGGLE_DELETE: Trigger = Trigger::new(
    "Delete",
    "When a resource is toggled to off and an action is performed that would trigger a delete, the data remains in the \
     ODS until a resync is done.",
);
/// See [`TOGGLE_OFF`].
pub const RESYNC_LEDGER: Trigger = Trigger::new(
    "Resync",
    "When a record is in the identity mapping and not in the ODS, it is deleted from the identity mapping.",
);
/// See [`TOGGLE_OFF`].
pub const RESYNC_ODS: Trigger = Trigger::new(
    "Resync",
    "When a record is in the ODS and has no matching record in the SIS or the identity mapping, it is deleted from the \
     ODS.",
);
/// See [`TOGGLE_OFF`].
pub const RESYNC_MAPPING: Trigger = Trigger::new(
    "Resync",
    "When a mapping is changed in Resource Preferences, a resync is needed to reflect the changes.",
);

/// A resource that no source document describes.
pub const STANDARD: &[Trigger] = &[
    Trigger::new("Post", "When the SIS has a new record that reports."),
    Trigger::new("Put", "When an element outside the natural key changes."),
    Trigger::new("Delete/Post", "When an element of the natural key changes, with everything downstream."),
    Trigger::new("Delete", "When the SIS has the record no more, or a rule excludes it."),
    TOGGLE_OFF,
    TOGGLE_DELETE,
    RESYNC_LEDGER,
    RESYNC_ODS,
    RESYNC_MAPPING,
];
