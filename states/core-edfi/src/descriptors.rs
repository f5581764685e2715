//! Descriptor namespaces of the standard (`uri://ed-fi.org/…`) that its resources use.

use rollcall_core::descriptor::{CodeTable, CodeValue};

/// Course Offerings (Kansas), Grade Level Descriptor: the standard's grade levels.
pub static GRADE_LEVEL: CodeTable = CodeTable {
    descriptor: "GradeLevelDescriptor",
    namespace: "uri://ed-fi.org/GradeLevelDescriptor",
    codes: &[
        CodeValue::plain("Infant/toddler"),
        CodeValue::plain("Kindergarten"),
        CodeValue::plain("First grade"),
        CodeValue::plain("Second grade"),
        CodeValue::plain("Third grade"),
        CodeValue::plain("Fourth grade"),
        CodeValue::plain("Fifth grade"),
        CodeValue::plain("Sixth grade"),
        CodeValue::plain("Seventh grade"),
        CodeValue::plain("Eighth grade"),
        CodeValue::plain("Ninth grade"),
        CodeValue::plain("Tenth grade"),
        CodeValue::plain("Eleventh grade"),
        CodeValue::plain("Twelfth grade"),
        CodeValue::plain("Ungraded"),
        CodeValue::plain("Preschool"),
    ],
};

/// The standard's terms.
pub static TERM: CodeTable = CodeTable {
    descriptor: "TermDescriptor",
    namespace: "uri://ed-fi.org/TermDescriptor",
    codes: &[
        CodeValue::plain("Fall Semester"),
        CodeValue::plain("First Quarter"),
        CodeValue::plain("First Trimester"),
        CodeValue::plain("Fourth Quarter"),
        CodeValue::plain("MiniTerm"),
        CodeValue::plain("Other"),
        CodeValue::plain("Second Quarter"),
        CodeValue::plain("Second Trimester"),
        CodeValue::plain("Spring Semester"),
        CodeValue::plain("Summer Semester"),
        CodeValue::plain("Third Quarter"),
        CodeValue::plain("Third Trimester"),
        CodeValue::plain("Year Round"),
    ],
};

/// Kinds of education organizations.
pub static EDUCATION_ORGANIZATION_CATEGORY: CodeTable = CodeTable {
    descriptor: "EducationOrganizationCategoryDescriptor",
    namespace: "uri://ed-fi.org/EducationOrganizationCategoryDescriptor",
    codes: &[
        CodeValue::plain("State Education Agency"),
        CodeValue::plain("Education Service Center"),
        CodeValue::plain("Local Education Agency"),
        CodeValue::plain("School"),
    ],
};

/// Kinds of districts.
pub static LOCAL_EDUCATION_AGENCY_CATEGORY: CodeTable = CodeTable {
    descriptor: "LocalEducationAgencyCategoryDescriptor",
    namespace: "uri://ed-fi.org/LocalEducationAgencyCategoryDescriptor",
    codes: &[CodeValue::plain("Independent"), CodeValue::plain("Charter"), CodeValue::plain("Other")],
};

/// Whose code a course code is.
pub static COURSE_IDENTIFICATION_SYSTEM: CodeTable = CodeTable {
    descriptor: "CourseIdentificationSystemDescriptor",
    namespace: "uri://ed-fi.org/CourseIdentificationSystemDescriptor",
    codes: &[
        CodeValue::plain("LEA course code"),
        CodeValue::plain("State course code"),
        CodeValue::plain("School course code"),
    ],
};

/// Kinds of programs.
pub static PROGRAM_TYPE: CodeTable = CodeTable {
    descriptor: "ProgramTypeDescriptor",
    namespace: "uri://ed-fi.org/ProgramTypeDescriptor",
    codes: &[
        CodeValue::plain("Adult/Continuing Education"),
        CodeValue::plain("Alternative Education"),
        CodeValue::plain("Athletics"),
        CodeValue::plain("Bilingual"),
        CodeValue::plain("Bilingual Summer"),
        CodeValue::plain("Career and Technical Education"),
        CodeValue::plain("Cocurricular Programs"),
        CodeValue::plain("College Preparatory"),
        CodeValue::plain("Community Service Program"),
        CodeValue::plain("Community/Junior College Education Program"),
        CodeValue::plain("Compensatory Services for Disadvantaged Students"),
        CodeValue::plain("Counseling Services"),
        CodeValue::plain("District-Funded GED"),
        CodeValue::plain("Early Head Start"),
        CodeValue::plain("Early Intervention Services Part C"),
        CodeValue::plain("English as a Second Language (ESL)"),
        CodeValue::plain("Even Start"),
        CodeValue::plain("Expelled Education"),
        CodeValue::plain("Extended Day/Child Care Services"),
        CodeValue::plain("Fee For Service"),
        CodeValue::plain("Foreign Exchange"),
        CodeValue::plain("Gifted and Talented"),
        CodeValue::plain("Head Start"),
        CodeValue::plain("Health Services Program"),
        CodeValue::plain("High School Equivalency Program (HSEP)"),
        CodeValue::plain("Home Visiting"),
        CodeValue::plain("Homeless"),
        CodeValue::plain("IDEA"),
        CodeValue::plain("Immigrant Education"),
        CodeValue::plain("Independent Study"),
        CodeValue::plain("Indian Education"),
        CodeValue::plain("International Baccalaureate"),
        CodeValue::plain("Kindergarten - Extended Day"),
        CodeValue::plain("Kindergarten - Full Day"),
        CodeValue::plain("Kindergarten - Half Day"),
        CodeValue::plain("Library/Media Services Program"),
        CodeValue::plain("Magnet/Special Program Emphasis"),
        CodeValue::plain("Migrant Education"),
        CodeValue::plain("Neglected and Delinquent Program"),
        CodeValue::plain("Optional Flexible School Day Program (OFSDP)"),
        CodeValue::plain("Other"),
        CodeValue::plain("Prekindergarten - Extended Day"),
        CodeValue::plain("Prekindergarten - Full Day"),
        CodeValue::plain("Prekindergarten - Half Day"),
        CodeValue::plain("Preschool Special Education"),
        CodeValue::plain("Public Preschool"),
        CodeValue::plain("Regular Education"),
        CodeValue::plain("Remedial Education"),
        CodeValue::plain("Section 504 Placement"),
        CodeValue::plain("Service Learning"),
        CodeValue::plain("Special Education"),
        CodeValue::plain("Student Retention/Dropout Prevention"),
        CodeValue::plain("Student School Food Service"),
        CodeValue::plain("Substance Abuse Education/Prevention"),
        CodeValue::plain("Teacher Professional Development/Mentoring"),
        CodeValue::plain("Technical Preparatory"),
        CodeValue::plain("Title I Part A"),
        CodeValue::plain("Title I Part D Subpart 1"),
        CodeValue::plain("Title I Part D Subpart 2"),
        CodeValue::plain("Vocational Education"),
    ],
};

/// Career clusters.
pub static CAREER_PATHWAY: CodeTable = CodeTable {
    descriptor: "CareerPathwayDescriptor",
    namespace: "uri://ed-fi.org/CareerPathwayDescriptor",
    codes: &[
        CodeValue::plain("Agriculture, Food and Natural Resources"),
        CodeValue::plain("Architecture and Construction"),
        CodeValue::plain("Arts, A/V Technology and Communications"),
        CodeValue::plain("Business, Management and Administration"),
        CodeValue::plain("Education and Training"),
        CodeValue::plain("Finance"),
        CodeValue::plain("Government and Public Administration"),
        CodeValue::plain("Health Science"),
        CodeValue::plain("Hospitality and Tourism"),
        CodeValue::plain("Human Services"),
        CodeValue::plain("Information Technology"),
        CodeValue::plain("Law, Public Safety, Corrections and Security"),
        CodeValue::plain("Manufacturing"),
        CodeValue::plain("Marketing, Sales and Service"),
        CodeValue::plain("Other"),
        CodeValue::plain("Science, Technology, Engineering and Mathematics"),
        CodeValue::plain("Transportation, Distribution and Logistics"),
    ],
};

/// Results of technical skills assessments.
pub static TECHNICAL_SKILLS_ASSESSMENT: CodeTable = CodeTable {
    descriptor: "TechnicalSkillsAssessmentDescriptor",
    namespace: "uri://ed-fi.org/TechnicalSkillsAssessmentDescriptor",
    codes: &[CodeValue::plain("Passed"), CodeValue::plain("Not Passed"), CodeValue::plain("Did Not Take")],
};
