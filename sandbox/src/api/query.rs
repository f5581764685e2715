//! Query strings.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rollcall_core::value::Value;

use super::problem::Problem;
use super::request::decode_form;
use crate::bind::convert;
use crate::catalog::{Filter, Resource};
use crate::config::ApiVersion;
use crate::store::{ALL_CHANGES, Paging};

/// Largest page, and the size of a page when none is asked for.
pub(super) const LARGEST_PAGE: usize = 500;

/// What a GET on a collection asks for.
pub(super) struct Parameters<'r> {
    pub(super) paging: Paging,
    pub(super) total_count: bool,
    pub(super) changes: (u64, u64),
    pub(super) id: Option<u128>,
    pub(super) filters: Vec<(&'r Filter, Value<'static>)>,
}

/// What a GET of change queries, or of partitions, asks for.
pub(super) struct PastParameters {
    pub(super) offset: usize,
    pub(super) limit: usize,
    pub(super) total_count: bool,
    pub(super) changes: (u64, u64),
}

/// The parameters of paging as they were given.
#[derive(Default)]
struct Given {
    offset: Option<usize>,
    limit: Option<usize>,
    token: Option<String>,
    size: Option<usize>,
}

/// Reads a query string; parameters that the resource does not know are ignored, as real servers do.
pub(super) fn parameters<'r>(
    resource: &'r Resource,
    query: &str,
    version: ApiVersion,
) -> Result<Parameters<'r>, Problem> {
    let mut given = Given::default();
    let offset = Paging::Offset { offset: 0, limit: LARGEST_PAGE };
    let mut parameters =
        Parameters { paging: offset, total_count: false, changes: ALL_CHANGES, id: None, filters: Vec::new() };
    let is_7 = version == ApiVersion::V7;
    for (name, value) in decode_form(query) {
        match name.to_ascii_lowercase().as_str() {
            "offset" => given.offset = Some(number(&name, &value, || Problem::BadOffset)?),
            "limit" => given.limit = Some(limited(number(&name, &value, || Problem::BadLimit)?)?),
            "totalcount" => parameters.total_count = value.eq_ignore_ascii_case("true"),
            "minchangeversion" => parameters.changes.0 = change(&name, &value)?,
            "maxchangeversion" => parameters.changes.1 = change(&name, &value)?,
            "pagetoken" if is_7 => given.token = Some(value),
            "pagesize" if is_7 => given.size = Some(page_size(&name, &value)?),
            "id" if is_7 => {
                let id = uuid::Uuid::try_parse(&value).map_err(|_| Problem::BadParameter { name })?;
                parameters.id = Some(id.as_u128());
            }
            lower => {
                let Some(filter) = resource.filters.get(lower) else { continue };
                if filter.inherited && !is_7 {
                    continue;
                }
                let value =
                    convert(&filter.property, Value::from(value)).map_err(|_| Problem::BadParameter { name })?;
                parameters.filters.push((filter, value));
            }
        }
    }
    parameters.paging = paging(given)?;
    Ok(parameters)
}

/// Reads the query string of a change query.
pub(super) fn past_parameters(query: &str) -> Result<PastParameters, Problem> {
    let mut parameters = PastParameters { offset: 0, limit: LARGEST_PAGE, total_count: false, changes: ALL_CHANGES };
    for (name, value) in decode_form(query) {
        match name.to_ascii_lowercase().as_str() {
            "offset" => parameters.offset = number(&name, &value, || Problem::BadOffset)?,
            "limit" => {
                parameters.limit = number(&name, &value, || Problem::BadPastLimit)?;
                if parameters.limit > LARGEST_PAGE {
                    return Err(Problem::BadPastLimit);
                }
            }
            "totalcount" => parameters.total_count = value.eq_ignore_ascii_case("true"),
            "minchangeversion" => parameters.changes.0 = change(&name, &value)?,
            "maxchangeversion" => parameters.changes.1 = change(&name, &value)?,
            _ => {}
        }
    }
    Ok(parameters)
}

/// Largest number of partitions, and the number when none is asked for.
const PARTITIONS: (usize, usize) = (200, 10);

/// How many partitions a query string asks for.
pub(super) fn partitions(query: &str) -> Result<usize, Problem> {
    let (most, default) = PARTITIONS;
    let given = decode_form(query).into_iter().find(|(name, _)| name.eq_ignore_ascii_case("number"));
    let Some((name, value)) = given else { return Ok(default) };
    let bounds = || Problem::BadPaging(format!("Number must be a value between 1 and {most}."));
    match number(&name, &value, bounds)? {
        number if (1..=most).contains(&number) => Ok(number),
        _ => Err(bounds()),
    }
}

/// The token of the page that begins with a record's number and does not go beyond another's.
pub(super) fn page_token(from: u64, to: u64) -> String {
    BASE64_URL_SAFE_NO_PAD.encode([from.to_be_bytes(), to.to_be_bytes()].concat())
}

fn read_token(token: &str) -> Option<(u64, u64)> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(token.trim_end_matches('=')).ok()?;
    let (from, to) = bytes.split_first_chunk::<8>()?;
    Some((u64::from_be_bytes(*from), u64::from_be_bytes(to.try_into().ok()?)))
}

fn paging(given: Given) -> Result<Paging, Problem> {
    let refuse = |text: &str| Err(Problem::BadPaging(text.to_owned()));
    match given {
        Given { token: Some(_), limit: Some(_), .. } => {
            refuse("Use pageSize instead of limit when using cursor paging with pageToken.")
        }
        Given { token: Some(_), offset: Some(_), .. } => refuse(
            "Both offset and pageToken parameters were provided, but they support alternative paging approaches and \
             cannot be used together.",
        ),
        Given { token: None, size: Some(_), offset: None, limit: None } => {
            refuse("PageToken is required when pageSize is specified.")
        }
        Given { token: None, size: Some(_), .. } => {
            refuse("Use limit instead of pageSize when using limit/offset paging.")
        }
        Given { token: Some(token), size, .. } => match read_token(&token) {
            Some((from, to)) => Ok(Paging::Cursor { from, to, size: size.unwrap_or(LARGEST_PAGE) }),
            None => refuse("The page token provided was invalid."),
        },
        Given { token: None, size: None, offset, limit } => {
            Ok(Paging::Offset { offset: offset.unwrap_or(0), limit: limit.unwrap_or(LARGEST_PAGE) })
        }
    }
}

/// A number from 0; another whole number is out of bounds, and anything else no number.
fn number(name: &str, value: &str, out_of_bounds: impl FnOnce() -> Problem) -> Result<usize, Problem> {
    match value.trim().parse::<i64>() {
        Ok(number) => usize::try_from(number).map_err(|_| out_of_bounds()),
        Err(_) => Err(Problem::BadParameter { name: name.to_owned() }),
    }
}

fn limited(limit: usize) -> Result<usize, Problem> {
    if limit > LARGEST_PAGE { Err(Problem::BadLimit) } else { Ok(limit) }
}

fn page_size(name: &str, value: &str) -> Result<usize, Problem> {
    let bounds = || Problem::BadPaging(format!("PageSize must be a value between 1 and {LARGEST_PAGE}."));
    match number(name, value, bounds)? {
        size if (1..=LARGEST_PAGE).contains(&size) => Ok(size),
        _ => Err(bounds()),
    }
}

fn change(name: &str, value: &str) -> Result<u64, Problem> {
    value.trim().parse().map_err(|_| Problem::BadParameter { name: name.to_owned() })
}
