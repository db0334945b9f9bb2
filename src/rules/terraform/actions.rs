//! Which actions of a policy could be limited to a resource, as far as rules ask.

use crate::catalogue::iam::can_be_limited;

/// A pattern that stands for some actions that AWS can limit, and is how anybody has to write the rest: of EC2's 159
/// such reads it can limit 17.
const READS: &str = "ec2:describe*";

/// Whether the resource `*` is the only one that can be written for `action`, or nothing says that it is not.
pub(super) fn is_unlimited(action: &str) -> bool {
    is_reads(action) || !can_be_limited(action)
}

pub(super) fn is_reads(action: &str) -> bool {
    action.eq_ignore_ascii_case(READS)
}

#[cfg(test)]
mod tests {
    use super::is_unlimited;

    #[test]
    fn reads_are_limited_where_aws_can() {
        for action in [
            "ec2:Describe*",
            "ec2:DescribeInstances",
            "eks:ListClusters",
            "route53:ListHostedZones",
            "rds:DescribeDBEngineVersions",
            "cloudwatch:GetMetricData",
            "ses:GetSendQuota",
        ] {
            assert!(is_unlimited(action), "{action}");
        }
        for action in [
            "eks:DescribeCluster",
            "s3:List*",
            "S3:ListBucket",
            "route53:ListResource*",
            "s3:GetObject",
            "rds:DescribeDBInstances",
            "cloudwatch:DescribeAlarms",
        ] {
            assert!(!is_unlimited(action), "{action}");
        }
    }
}
