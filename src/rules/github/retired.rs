//! Actions that are archived, and versions whose runtime GitHub withdrew.

/// Repositories of actions that GitHub shows as archived or that say so themselves.
const ARCHIVED: &str = "
8398a7/action-slack
actions-rs/audit-check
actions-rs/cargo
actions-rs/clippy-check
actions-rs/components-nightly
actions-rs/grcov
actions-rs/install
actions-rs/tarpaulin
actions-rs/toolchain
actions/create-release
actions/setup-elixir
actions/setup-haskell
actions/setup-ruby
actions/upload-release-asset
actionstoolbox/gem-build-and-release-action
allanchain/poetry-cache-action
andrewmcodes-archive/rubocop-linter-action
artichoke/setup-rust
aslafy-z/conventional-pr-title-action
azure/appconfiguration-sync
azure/appservice-actions
azure/azure-resource-login-action
azure/container-actions
azure/container-scan
azure/data-factory-deploy-action
azure/data-factory-export-action
azure/data-factory-validate-action
azure/get-keyvault-secrets
azure/k8s-actions
azure/manage-azure-policy
azure/publish-security-assessments
azure/run-sqlpackage-action
azure/spring-cloud-deploy
azure/webapps-container-deploy
cedrickring/golang-action
cirrus-actions/rebase
contributor-assistant/github-action
convictional/trigger-workflow-and-wait
cpcloud/flake-update-action
crazy-max/ghaction-docker-buildx
crazy-max/ghaction-hugo
decathlon/pull-request-labeler-action
delaguardo/setup-graalvm
dulvui/godot-android-export
elstudio/actions-settings
expo/expo-preview-action
fabasoad/setup-zizmor-action
facebook/pysa-action
fregante/release-with-changelog
google/mirror-branch-action
google/skywater-pdk-actions
gradle/gradle-build-action
grafana/k6-action
hashicorp/terraform-cdk-action
helaili/github-graphql-action
helaili/jekyll-action
ilshidur/action-slack
irgolic/autopr
jakejarvis/backblaze-b2-action
jakejarvis/cloudflare-purge-action
jakejarvis/firebase-deploy-action
jakejarvis/hugo-build-action
jakejarvis/lighthouse-action
jakejarvis/s3-sync-action
jimmygchen/runner-fallback-action
justinribeiro/lighthouse-action
kanadgupta/glitch-sync
kxxt/chatgpt-action
lapras-inc/resume-sync-action
liskin/gh-pipx
machine-learning-apps/wandb-action
mansagroup/gcs-cache-action
marvinpinto/action-automatic-releases
marvinpinto/actions
maxheld83/ghpages
meilcli/danger-action
meilcli/gradle-update-check-action
meilcli/npm-update-check-action
meilcli/nuget-update-check-action
micnncim/action-lgtm-reaction
mikepenz/gradle-dependency-submission
niklasmerz/github-deployment-action
orf/cargo-bloat-action
paambaati/codeclimate-action
philips-software/docker-ci-scripts
primer/figma-action
reasonsoftware/action-pylint
repo-sync/pull-request
repo-sync/repo-sync
sagebind/docker-swarm-deploy-action
scottbrenner/generate-changelog-action
secrethub/actions
semgrep/semgrep-action
shaunlwm/action-release-debugapk
soichisumi/issue-copy-action
sonarsource/sonarcloud-github-action
stefafafan/psi-action
stefanprodan/kube-tools
suzuki-shunsuke/github-action-format
suzuki-shunsuke/github-action-tflint
suzuki-shunsuke/github-action-tfsec
suzuki-shunsuke/required-status-check-action
suzuki-shunsuke/trivy-config-action
suzuki-shunsuke/validate-pr-review-action
svenstaro/upx-action
swiftdocorg/github-wiki-publish-action
tachiyomiorg/issue-moderator-action
technote-space/auto-cancel-redundant-workflow
technote-space/get-diff-action
tencentcloudbase/cloudbase-action
tibdex/github-app-token
trmcnvn/chrome-addon
verygoodopensource/very_good_coverage
whelk-io/maven-settings-xml-action
yeslayla/build-godot-action
youyo/aws-cdk-github-actions
yumemi-inc/clean-cache-action
z0al/dependent-issues
";

/// What to use instead of an archived action, where there is one thing.
const INSTEAD: [(&str, &str); 16] = [
    ("actions-rs/audit-check", "rustsec/audit-check"),
    ("actions-rs/cargo", "a `run:` with cargo"),
    ("actions-rs/clippy-check", "a `run:` with cargo clippy"),
    ("actions-rs/components-nightly", "a `run:` with rustup"),
    ("actions-rs/install", "taiki-e/install-action"),
    ("actions-rs/toolchain", "dtolnay/rust-toolchain"),
    ("actions/create-release", "`gh release create`"),
    ("actions/setup-elixir", "erlef/setup-beam"),
    ("actions/setup-haskell", "haskell-actions/setup"),
    ("actions/setup-ruby", "ruby/setup-ruby"),
    ("actions/upload-release-asset", "`gh release upload`"),
    ("artichoke/setup-rust", "dtolnay/rust-toolchain"),
    ("crazy-max/ghaction-docker-buildx", "docker/setup-buildx-action"),
    ("gradle/gradle-build-action", "gradle/actions/setup-gradle"),
    ("repo-sync/pull-request", "`gh pr create`"),
    ("semgrep/semgrep-action", "a `run:` with semgrep"),
];

/// Successors that take the same inputs: the archived action, and `owner/name` and the path below it.
const SAME_INPUTS: [(&str, &str, &str); 3] = [
    ("actions-rs/audit-check", "rustsec/audit-check", ""),
    ("crazy-max/ghaction-docker-buildx", "docker/setup-buildx-action", ""),
    ("gradle/gradle-build-action", "gradle/actions", "/setup-gradle"),
];

/// First major version on node24, and on node20 and node16 before it, by action; from their release notes.
const RUNTIMES: [(&str, u64, u64, u64); 13] = [
    ("actions/cache", 5, 4, 3),
    ("actions/checkout", 5, 4, 3),
    ("actions/download-artifact", 7, 4, 3),
    ("actions/github-script", 8, 7, 6),
    ("actions/setup-dotnet", 5, 4, 2),
    ("actions/setup-go", 6, 5, 3),
    ("actions/setup-java", 5, 4, 3),
    ("actions/setup-node", 5, 4, 3),
    ("actions/setup-python", 6, 5, 4),
    ("actions/upload-artifact", 6, 4, 3),
    ("docker/login-action", 4, 3, 2),
    ("docker/metadata-action", 6, 5, 4),
    ("docker/setup-buildx-action", 4, 3, 2),
];

/// Whether the action `owner/name` is archived, and what to use instead; empty where nothing stands for it.
pub(super) fn archived(name: &str) -> Option<&'static str> {
    let is_archived = ARCHIVED.lines().any(|action| name.eq_ignore_ascii_case(action));
    let instead = INSTEAD.iter().find(|(action, _)| name.eq_ignore_ascii_case(action));
    is_archived.then(|| instead.map_or("", |(_, instead)| *instead))
}

/// The action that takes the same inputs as an archived one, `owner/name` and the path below it.
pub(super) fn successor(name: &str) -> Option<(&'static str, &'static str)> {
    let found = SAME_INPUTS.iter().find(|(action, ..)| name.eq_ignore_ascii_case(action));
    found.map(|(_, successor, path)| (*successor, *path))
}

/// The withdrawn runtime of a version of an action, and the first major version that has a live one.
pub(super) fn old_runtime(name: &str, tag: &str) -> Option<(&'static str, u64)> {
    let (_, live, node20, node16) = *RUNTIMES.iter().find(|(action, ..)| name.eq_ignore_ascii_case(action))?;
    let major: u64 = tag.strip_prefix('v')?.split('.').next()?.parse().ok()?;
    let runtime = match major {
        _ if major >= live => return None,
        _ if major >= node20 => "node20",
        _ if major >= node16 => "node16",
        _ => "node12",
    };
    Some((runtime, live))
}
