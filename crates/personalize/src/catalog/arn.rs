//! ARNs, in the exact forms of `personalize.md`, section 4.5.

use super::resource::{Kind, ResourceId};
use crate::personalize::{Caller, Settings};
use crate::refusal::Refusal;

/// The account in ARNs unless `--account` names one.
pub const DEFAULT_ACCOUNT: &str = "123456789012";

/// Renders and reads ARNs for one call.
#[derive(Clone, Copy, Debug)]
pub struct Arns<'a> {
    settings: &'a Settings,
    region: &'a str,
}

impl<'a> Arns<'a> {
    /// Those of a caller's region.
    pub fn new(settings: &'a Settings, caller: &'a Caller) -> Arns<'a> {
        let region = settings.region.as_deref().unwrap_or(&caller.region);
        Arns { settings, region }
    }

    /// The account they name.
    pub fn account(&self) -> &'a str {
        self.settings.account.as_deref().unwrap_or(DEFAULT_ACCOUNT)
    }

    /// The ARN of a resource.
    pub fn of(&self, id: &ResourceId) -> String {
        self.render(&id.to_string())
    }

    /// The ARN of the resource of this kind and name.
    pub fn named(&self, kind: Kind, name: &str) -> String {
        self.render(&format!("{}/{name}", kind.as_str()))
    }

    fn render(&self, resource: &str) -> String {
        let partition = partition(self.region);
        format!("arn:{partition}:personalize:{}:{}:{resource}", self.region, self.account())
    }

    /// The resource that an ARN names; whether it is there is for the caller to find out. Partition, region and account
    /// are compared only where the settings fix them.
    ///
    /// # Errors
    /// It names another region or account than the fixed one, or nothing that could be a resource.
    pub fn parse(&self, arn: &str) -> Result<ResourceId, Refusal> {
        let resource = self.resource(arn)?;
        ResourceId::parse(resource).ok_or_else(|| {
            Refusal::invalid(format!("The ARN {arn} does not name a resource: it ends with {resource:?}"))
        })
    }

    /// As [`parse`](Self::parse), for a member that takes one kind.
    ///
    /// # Errors
    /// As [`parse`](Self::parse), and it is of another kind.
    pub fn parse_kind(&self, arn: &str, kind: Kind) -> Result<ResourceId, Refusal> {
        let wrong = || {
            let form = self.named(kind, "<name>");
            Refusal::invalid(format!(
                "The ARN {arn} is not that of a {}; it should be like {form}",
                kind.words()
            ))
        };
        let id = ResourceId::parse(self.resource(arn)?).ok_or_else(wrong)?;
        if id.kind == kind { Ok(id) } else { Err(wrong()) }
    }

    /// What follows the account in an ARN.
    fn resource<'b>(&self, arn: &'b str) -> Result<&'b str, Refusal> {
        let mut parts = arn.splitn(6, ':');
        let (Some("arn"), Some(_), Some("personalize"), Some(region), Some(account), Some(resource)) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Refusal::invalid(format!("{arn:?} is not the ARN of a Personalize resource")));
        };
        for (what, fixed, given) in
            [("region", &self.settings.region, region), ("account", &self.settings.account, account)]
        {
            if let Some(fixed) = fixed
                && fixed != given
            {
                let message =
                    format!("The ARN {arn} names the {what} {given:?}; this server answers for {fixed}");
                return Err(Refusal::invalid(message));
            }
        }
        Ok(resource)
    }
}

/// The partition that a region lies in.
fn partition(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "aws-cn"
    } else if region.starts_with("us-gov-") {
        "aws-us-gov"
    } else {
        "aws"
    }
}

#[cfg(test)]
mod tests;
