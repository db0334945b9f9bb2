//! Which actions AWS can limit to a resource, as far as rules ask. Facts of AWS's service authorization reference.

/// Actions that AWS cannot limit to a resource, as far as they are common: they ask about all, or about nobody's.
const UNLIMITED: [&str; 34] = [
    "cloudwatch:getmetric",
    "cloudwatch:putmetricdata",
    "ecr:getauthorizationtoken",
    "sts:getcalleridentity",
    "xray:",
    "ssmmessages:",
    "ec2messages:",
    "ssm:updateinstanceinformation",
    "pricing:",
    "ce:",
    "tag:get",
    "sts:decodeauthorizationmessage",
    "sts:getaccesskeyinfo",
    "sts:getserviceb",
    "cloudformation:validatetemplate",
    "iam:generatecredentialreport",
    "iam:getcredentialreport",
    "kms:generaterandom",
    "lakeformation:getdataaccess",
    "secretsmanager:getrandompassword",
    "sns:getsmsattributes",
    "ssm:getinventory",
    "ec2:get",
    "elasticloadbalancing:describe",
    "autoscaling:describe",
    "s3:listallmybuckets",
    "s3:getaccountpublicaccessblock",
    "support:",
    "health:",
    "acm:listcertificates",
    "iam:getaccount",
    "kms:listaliases",
    "route53:listhostedzones",
    "route53:getchange",
];

/// Services some of whose `Describe…` and `List…` AWS can limit, with those. The other services' count as unlimited:
/// of EC2's 159 it can limit 17, so `ec2:Describe*` on `*` is how anybody has to write it.
const LIMITED_READS: [(&str, &[&str]); 23] = [
    ("acm", &["describecertificate", "listtagsforcertificate"]),
    (
        "cloudformation",
        &[
            "describechangeset",
            "describestackevents",
            "describestackresource",
            "describestackresources",
            "describestacks",
            "describestackset",
            "listchangesets",
            "liststackinstances",
            "liststackresources",
        ],
    ),
    ("cloudwatch", &["describealarmhistory", "describealarms", "listtagsforresource"]),
    (
        "dynamodb",
        &[
            "describebackup",
            "describecontinuousbackups",
            "describestream",
            "describetable",
            "describetimetolive",
            "listtagsofresource",
        ],
    ),
    ("ecr", &["describeimages", "describeimagescanfindings", "describerepositories", "listimages"]),
    ("ecs", &["describeclusters", "describecontainerinstances", "describeservices", "describetasks", "listtasks"]),
    (
        "eks",
        &[
            "describeaccessentry",
            "describeaddon",
            "describecluster",
            "describefargateprofile",
            "describenodegroup",
            "describeupdate",
            "listaccessentries",
            "listaddons",
            "listfargateprofiles",
            "listnodegroups",
            "listupdates",
        ],
    ),
    (
        "elasticache",
        &[
            "describecacheclusters",
            "describecacheparametergroups",
            "describecachesubnetgroups",
            "describereplicationgroups",
            "describesnapshots",
            "describeusergroups",
            "describeusers",
            "listtagsforresource",
        ],
    ),
    ("elasticfilesystem", &["describeaccesspoints", "describefilesystems", "describemounttargets", "describetags"]),
    (
        "events",
        &[
            "describearchive",
            "describeconnection",
            "describeeventbus",
            "describerule",
            "listtagsforresource",
            "listtargetsbyrule",
        ],
    ),
    ("firehose", &["describedeliverystream", "listtagsfordeliverystream"]),
    (
        "iam",
        &[
            "listaccesskeys",
            "listattachedgrouppolicies",
            "listattachedrolepolicies",
            "listattacheduserpolicies",
            "listentitiesforpolicy",
            "listgrouppolicies",
            "listgroupsforuser",
            "listinstanceprofilesforrole",
            "listpolicyversions",
            "listrolepolicies",
            "listroletags",
            "listuserpolicies",
        ],
    ),
    ("kinesis", &["describestream", "describestreamconsumer", "describestreamsummary", "listshards"]),
    ("kms", &["describekey", "listgrants", "listkeypolicies", "listresourcetags"]),
    ("lambda", &["listaliases", "listtags", "listversionsbyfunction"]),
    ("logs", &["describelogstreams", "describemetricfilters", "describesubscriptionfilters", "listtagsforresource"]),
    (
        "rds",
        &[
            "describedbclusterparametergroups",
            "describedbclusterparameters",
            "describedbclusters",
            "describedbclustersnapshots",
            "describedbinstances",
            "describedblogfiles",
            "describedbparametergroups",
            "describedbparameters",
            "describedbproxies",
            "describedbsecuritygroups",
            "describedbsnapshots",
            "describedbsubnetgroups",
            "describeeventsubscriptions",
            "describeglobalclusters",
            "describeoptiongroups",
            "listtagsforresource",
        ],
    ),
    ("route53", &["listresourcerecordsets", "listtagsforresource", "listtagsforresources"]),
    ("s3", &["listbucket", "listbucketmultipartuploads", "listbucketversions", "listmultipartuploadparts"]),
    ("secretsmanager", &["describesecret", "listsecretversionids"]),
    ("sns", &["listsubscriptionsbytopic", "listtagsforresource"]),
    (
        "ssm",
        &[
            "describeassociation",
            "describedocument",
            "describedocumentparameters",
            "describeinstancepatches",
            "listdocumentversions",
            "listinstanceassociations",
            "listtagsforresource",
        ],
    ),
    ("sqs", &["listdeadlettersourcequeues", "listqueuetags"]),
];

/// Whether the resource `*` is the only one that can be written for `action`.
pub(super) fn is_unlimited(action: &str) -> bool {
    let action = action.to_lowercase();
    if UNLIMITED.iter().any(|known| action.starts_with(known)) {
        return true;
    }
    let (service, verb) = action.split_once(':').unwrap_or((&action, ""));
    if !verb.starts_with("describe") && !verb.starts_with("list") {
        return false;
    }
    let limited = LIMITED_READS.iter().find(|(name, _)| *name == service).map_or(&[][..], |(_, reads)| reads);
    // Whatever follows a star is not looked at: what it takes away is seldom all of them.
    match verb.split_once('*') {
        Some((start, _)) => !limited.iter().any(|read| read.starts_with(start)),
        None => !limited.contains(&verb),
    }
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
            "x:List*",
            "rds:DescribeDBEngineVersions",
            "cloudwatch:GetMetricData",
        ] {
            assert!(is_unlimited(action), "{action}");
        }
        for action in [
            "eks:DescribeCluster",
            "s3:List*",
            "S3:ListBucket",
            "route53:ListResource*",
            "s3:GetObject",
            "x",
            "rds:DescribeDBInstances",
            "cloudwatch:DescribeAlarms",
        ] {
            assert!(!is_unlimited(action), "{action}");
        }
    }
}
