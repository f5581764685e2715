//! The rules by which nothing reports in Minnesota. The MDE Ed-Fi documentation has none of its own, so they are the
//! standard's; only the names in natural keys differ.

use rollcall_core_edfi::rules::{self as standard, ScheduleRules};
use rollcall_core_edfi::student_section_associations::{self, AssociationRules};

use crate::preferences::NAMING;

/// Course offerings and sections.
pub static SCHEDULE: ScheduleRules = ScheduleRules { naming: &NAMING, ..standard::SCHEDULE };

/// Student section associations.
pub static ASSOCIATION: AssociationRules =
    AssociationRules { schedule: &SCHEDULE, ..student_section_associations::RULES };
