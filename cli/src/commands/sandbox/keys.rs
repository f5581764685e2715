//! The keys that a sandbox takes, from a TOML file.

use std::collections::HashSet;
use std::path::Path;

use rollcall_core::finding::nearest;
use rollcall_sandbox::{Access, ApiKey};
use serde::Deserialize;

use crate::exit::{Exit, Failure};
use crate::session::refuse_open_file;

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    #[serde(default)]
    key: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Entry {
    key: String,
    secret: String,
    claim_set: String,
    #[serde(default)]
    education_organizations: Vec<i64>,
    namespace_prefixes: Option<Vec<String>>,
}

/// Reads a file of keys. It holds secrets, so others must not be able to read it.
pub(super) fn read(path: &Path) -> Result<Vec<ApiKey>, Failure> {
    let cannot = |reason: String| {
        Failure::new(Exit::Input, anyhow::anyhow!("the key file {} {reason}", path.display())).hint(
            "docs/commands.md, \"sandbox\", describes it: [[key]] tables with key, secret and claim-set, mode 0600",
        )
    };
    refuse_open_file(path).map_err(cannot)?;
    let text = std::fs::read_to_string(path).map_err(|error| cannot(format!("cannot be read: {error}")))?;
    // A parser's own message quotes the line, which may be the secret's.
    let file: Keys = toml::from_str(&text).map_err(|error| {
        let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        cannot(format!("is wrong in line {line}: {}", error.message()))
    })?;
    if file.key.is_empty() {
        return Err(cannot("has no [[key]]".to_owned()));
    }
    let mut seen = HashSet::new();
    file.key
        .into_iter()
        .map(|entry| {
            let access = Access::of_claim_set(&entry.claim_set).ok_or_else(|| {
                let near = nearest(&entry.claim_set, Access::CLAIM_SETS.iter().map(|(name, _)| *name));
                let near = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
                cannot(format!("names the claim set \"{}\", which does not exist{near}", entry.claim_set))
            })?;
            if !seen.insert(entry.key.clone()) {
                return Err(cannot(format!("has the key {} twice", entry.key)));
            }
            let prefixes = entry.namespace_prefixes.unwrap_or_else(|| vec!["uri://ed-fi.org".to_owned()]);
            Ok(ApiKey {
                education_organization_ids: entry.education_organizations,
                namespace_prefixes: prefixes,
                access,
                ..ApiKey::full(entry.key, entry.secret)
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str, mode: u32) -> Result<Vec<ApiKey>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.toml");
        std::fs::write(&path, text).unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
        read(&path).map_err(|failure| failure.to_string())
    }

    const GOOD: &str = "[[key]]\nkey = \"a\"\nsecret = \"s3cret\"\nclaim-set = \"full\"\n\n\
        [[key]]\nkey = \"b\"\nsecret = \"t\"\nclaim-set = \"sis-vendor\"\neducation-organizations = [255901]\n\
        namespace-prefixes = [\"uri://state.example\"]\n";

    #[test]
    fn reads_keys_with_their_claim_sets() {
        let keys = written(GOOD, 0o600).unwrap();
        assert_eq!((keys[0].key.as_str(), keys[0].access), ("a", Access::Full));
        assert_eq!((keys[1].education_organization_ids[0], keys[1].access), (255_901, Access::SisVendor));
        assert_eq!(keys[1].namespace_prefixes, ["uri://state.example"]);
    }

    #[cfg(unix)]
    #[test]
    fn refuses_a_file_that_others_can_read() {
        assert!(written(GOOD, 0o640).unwrap_err().contains("can be read by others"));
    }

    #[test]
    fn says_what_is_wrong_and_never_the_secret() {
        let wrong = [
            (GOOD.replace("\"full\"", "\"ful\""), "did you mean full?"),
            (GOOD.replace("\"b\"", "\"a\""), "has the key a twice"),
            (GOOD.replace("secret = \"s3cret\"", "secret = [\"s3cret\"]"), "line 3"),
            (GOOD.replace("claim-set = \"full\"", "claims = \"s3cret\""), "line 4"),
            (GOOD.replace("\"s3cret\"", "\"s3cret"), "line 3"),
            (String::new(), "has no [[key]]"),
        ];
        for (text, expected) in wrong {
            let error = written(&text, 0o600).unwrap_err();
            assert!(error.contains(expected), "{error}");
            assert!(!error.contains("s3cret"), "{error}");
        }
    }
}
