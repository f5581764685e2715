//! Query strings.

use rollcall_core::value::Value;

use super::problem::Problem;
use super::request::decode_form;
use crate::bind::convert;
use crate::catalog::{Filter, Resource};
use crate::config::ApiVersion;

/// Largest page, and the size of a page when none is asked for.
pub(super) const LARGEST_PAGE: usize = 500;

/// What a GET on a collection asks for.
pub(super) struct Parameters<'r> {
    pub(super) offset: usize,
    pub(super) limit: usize,
    pub(super) total_count: bool,
    pub(super) filters: Vec<(&'r Filter, Value<'static>)>,
}

/// Reads a query string; parameters that the resource does not know are ignored, as real servers do.
pub(super) fn parameters<'r>(
    resource: &'r Resource,
    query: &str,
    version: ApiVersion,
) -> Result<Parameters<'r>, Problem> {
    let mut parameters = Parameters { offset: 0, limit: LARGEST_PAGE, total_count: false, filters: Vec::new() };
    for (name, value) in decode_form(query) {
        match name.to_ascii_lowercase().as_str() {
            "offset" => parameters.offset = value.parse().map_err(|_| Problem::BadOffset)?,
            "limit" => {
                let limit: usize = value.parse().map_err(|_| Problem::BadLimit)?;
                if limit > LARGEST_PAGE {
                    return Err(Problem::BadLimit);
                }
                parameters.limit = limit;
            }
            "totalcount" => parameters.total_count = value.eq_ignore_ascii_case("true"),
            lower => {
                let Some(filter) = resource.filters.get(lower) else { continue };
                if filter.inherited && version == ApiVersion::V6 {
                    continue;
                }
                let value =
                    convert(&filter.property, Value::from(value)).map_err(|_| Problem::BadParameter { name })?;
                parameters.filters.push((filter, value));
            }
        }
    }
    Ok(parameters)
}
