//! From what people call a service to the services it could be.

use super::record::Record;
use crate::catalog::{self, Product};
use crate::platform::PlatformError;

/// The most letters of a name (CreateService).
const LONGEST: usize = 256;

/// Whether a service could have this name: no slash of either kind, and nothing that does not show.
///
/// # Errors
/// Where it could not.
pub fn check(name: &str) -> Result<(), PlatformError> {
    let length = name.chars().count();
    if length == 0 || length > LONGEST || name.contains(['/', '\\']) || name.chars().any(char::is_control) {
        return Err(PlatformError::BadServiceName(crate::machine::visible(name)));
    }
    Ok(())
}

/// The services that `asked` means, as places in `records`: by name, by displayed name, or those of a product, whatever the case. The one
/// that is most likely meant comes first: that with the name itself, then one that `fails`, then one that runs.
///
/// # Errors
/// Where no service is called so.
pub fn find(records: &[Record], asked: &str, fails: impl Fn(&Record) -> bool) -> Result<Vec<usize>, PlatformError> {
    let asked = asked.trim();
    check(asked)?;
    let product = catalog::product_called(asked);
    let of_product =
        |record: &Record| product.is_some_and(|product| product_of(record).is_some_and(|own| std::ptr::eq(own, product)));
    let means = |record: &Record| is_called(record, asked) || of_product(record);
    let mut found: Vec<usize> = (0..records.len()).filter(|at| means(&records[*at])).collect();
    if found.is_empty() {
        return Err(PlatformError::NoSuchService(asked.to_owned()));
    }
    found.sort_by_key(|at| {
        let record = &records[*at];
        (!is_called(record, asked), !fails(record), !record.status.phase.is_alive())
    });
    Ok(found)
}

/// The product that a service belongs to.
pub fn product_of(record: &Record) -> Option<&'static Product> {
    catalog::product_of_windows_service(&record.name)
}

fn is_called(record: &Record, asked: &str) -> bool {
    [&record.name, &record.display_name].iter().any(|own| own.to_lowercase() == asked.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::{check, find};
    use crate::platform::PlatformError;
    use crate::platform::windows_text::services::record::Record;
    use crate::platform::windows_text::services::record::testing::{ended, running};

    fn called(name: &str, display_name: &str, record: fn(&str) -> Record) -> Record {
        Record { display_name: display_name.to_owned(), ..record(name) }
    }

    fn found(asked: &str) -> Vec<String> {
        let failed = |name: &str| ended(name, 1067);
        let records = [
            called("MSSQL$OTHER", "SQL Server (OTHER)", running),
            called("MSSQL$SALES", "SQL Server (SALES)", failed),
            called("MSSQLSERVER", "SQL Server (MSSQLSERVER)", running),
            called("Dnscache", "DNS-Client", running),
        ];
        let found = find(&records, asked, |record| record.status.ended_with_an_error()).unwrap();
        found.into_iter().map(|at| records[at].name.clone()).collect()
    }

    #[test]
    fn a_name_is_found_whatever_its_case() {
        assert_eq!(found("mssql$sales"), ["MSSQL$SALES"]);
        assert_eq!(found(" sql server (sales) "), ["MSSQL$SALES"]);
        assert_eq!(found("dns-client"), ["Dnscache"]);
    }

    #[test]
    fn a_product_means_all_of_its_services_the_failing_one_first() {
        assert_eq!(found("SQL Server"), ["MSSQL$SALES", "MSSQL$OTHER", "MSSQLSERVER"]);
    }

    #[test]
    fn the_service_with_the_name_itself_comes_first() {
        assert_eq!(found("MSSQLSERVER")[0], "MSSQLSERVER");
    }

    #[test]
    fn what_no_service_is_called_is_told_so() {
        let none = find(&[running("A")], "B", |_| false);
        assert!(matches!(none, Err(PlatformError::NoSuchService(name)) if name == "B"));
    }

    #[test]
    fn paths_and_what_is_too_long_are_no_names() {
        for name in ["", "a/b", r"a\b", "a\nb", "a\0", &"a".repeat(257)] {
            assert!(check(name).is_err(), "{name:?}");
        }
        for name in ["MSSQL$SALES", "Intel(R) Service", "postgresql-x64-16", "Dienst-für", &"a".repeat(256)] {
            assert!(check(name).is_ok(), "{name:?}");
        }
    }
}
