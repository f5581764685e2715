//! The dependency order of Data Standard 4.0, as the servers compute it.

mod common;

use std::collections::BTreeMap;

use common::{Api, read};

/// Layer and resources; `+` marks the entry to create and `*` the entry to update a person.
const LAYERS: &str = "
2 balanceSheetDimensions communityOrganizations credentials descriptorMappings educationOrganizationNetworks functionDimensions fundDimensions objectDimensions operationalUnitDimensions people postSecondaryInstitutions programDimensions projectDimensions sourceDimensions stateEducationAgencies
3 communityProviders educationServiceCenters parents+ staffs+ students+
4 communityProviderLicenses localEducationAgencies
5 schools
6 academicWeeks calendars classPeriods feederSchoolAssociations gradingPeriods locations organizationDepartments
7 accountabilityRatings bellSchedules calendarDates chartOfAccounts competencyObjectives educationOrganizationNetworkAssociations educationOrganizationPeerAssociations learningStandards openStaffPositions sessions staffEducationOrganizationEmploymentAssociations
8 educationContents learningObjectives learningStandardEquivalenceAssociations localAccounts staffEducationOrganizationAssignmentAssociations surveys
9 courses disciplineIncidents interventionPrescriptions localActuals localBudgets localContractedStaffs localEncumbrances localPayrolls programs staffAbsenceEvents staffEducationOrganizationContactAssociations staffLeaves staffSchoolAssociations staffs* surveySections
10 cohorts courseOfferings educationOrganizationInterventionPrescriptionAssociations interventionStudies interventions staffDisciplineIncidentAssociations staffProgramAssociations surveyCourseAssociations surveyProgramAssociations surveyQuestions
11 sections staffCohortAssociations
12 assessments gradebookEntries sectionAttendanceTakenEvents staffSectionAssociations surveySectionAssociations
13 assessmentItems graduationPlans
14 objectiveAssessments studentSchoolAssociations
15 assessmentScoreRangeLearningStandards postSecondaryEvents restraintEvents studentAssessments studentCTEProgramAssociations studentCohortAssociations studentDisciplineIncidentAssociations studentDisciplineIncidentBehaviorAssociations studentDisciplineIncidentNonOffenderAssociations studentEducationOrganizationAssociations studentEducationOrganizationResponsibilityAssociations studentGradebookEntries studentHomelessProgramAssociations studentInterventionAssociations studentInterventionAttendanceEvents studentLanguageInstructionProgramAssociations studentMigrantEducationProgramAssociations studentNeglectedOrDelinquentProgramAssociations studentParentAssociations studentProgramAssociations studentProgramAttendanceEvents studentSchoolAttendanceEvents studentSchoolFoodServiceProgramAssociations studentSectionAssociations studentSectionAttendanceEvents studentSpecialEducationProgramAssociations studentTitleIPartAProgramAssociations students*
16 disciplineActions grades parents* studentAssessmentEducationOrganizationAssociations studentCompetencyObjectives studentLearningObjectives surveyResponses
17 reportCards surveyQuestionResponses surveyResponseEducationOrganizationTargetAssociations surveyResponseStaffTargetAssociations surveySectionResponses
18 studentAcademicRecords surveySectionResponseEducationOrganizationTargetAssociations surveySectionResponseStaffTargetAssociations
19 courseTranscripts
";

#[tokio::test]
async fn layers_are_those_of_the_servers() {
    let api = Api::full().await;
    let answer =
        read(api.client.get(api.url("/metadata/data/v3/dependencies")).send().await.unwrap()).await.expect(200);
    let mut layers: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    for entry in answer.json().as_array().unwrap() {
        let name = entry["resource"].as_str().unwrap().rsplit('/').next().unwrap();
        let order = entry["order"].as_u64().unwrap();
        assert_ne!(name, "schoolYearTypes");
        if name.ends_with("Descriptors") {
            assert_eq!(order, 1, "{name}");
            continue;
        }
        let operations: Vec<&str> =
            entry["operations"].as_array().unwrap().iter().map(|operation| operation.as_str().unwrap()).collect();
        let mark = match operations[..] {
            ["Create"] => "+",
            ["Update"] => "*",
            ["Create", "Update"] => "",
            _ => panic!("{name} has operations {operations:?}"),
        };
        layers.entry(order).or_default().push(format!("{name}{mark}"));
    }
    let expected: BTreeMap<u64, Vec<String>> = LAYERS
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| {
            let mut words = line.split(' ');
            (words.next().unwrap().parse().unwrap(), words.map(str::to_owned).collect())
        })
        .collect();
    assert_eq!(layers, expected);
}
