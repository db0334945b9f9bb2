// A Jenkins step: roadbedCheck(version: '…', downloads: 'https://…', sha256: '…')
//
// A global or folder library with the library path `.ci/integrations/jenkins` has it. The checkout must not be shallow.
// Options: binary (one that is there; nothing is downloaded), since (auto), failOn (block), report (roadbed.xml).
def call(Map options = [:]) {
  String since = options.since ?: 'auto'
  String report = options.report ?: 'roadbed.xml'
  String archive = "roadbed-${options.version}-x86_64-unknown-linux-musl.tar.gz"
  List<String> settings = [
    "ROADBED_BINARY=${options.binary ?: ''}",
    "ROADBED_ARCHIVE=${archive}",
    "ROADBED_DOWNLOADS=${options.downloads ?: ''}",
    "ROADBED_SHA256=${options.sha256 ?: ''}",
    "ROADBED_SINCE=${since}",
    "ROADBED_FAIL_ON=${options.failOn ?: 'block'}",
    "ROADBED_REPORT=${report}",
  ]
  withEnv(settings) {
    try {
      sh label: 'roadbed check', script: '''#!/bin/sh
set -eu
into=${WORKSPACE_TMP:-$PWD@tmp}/roadbed
mkdir -p "$into"
if [ -n "$ROADBED_BINARY" ]; then
  cp "$ROADBED_BINARY" "$into/roadbed"
else
  curl --fail --silent --show-error --location --proto '=https,file' --output "$into/archive" "$ROADBED_DOWNLOADS/$ROADBED_ARCHIVE"
  echo "$ROADBED_SHA256  $into/archive" | sha256sum -c -
  tar -xzf "$into/archive" -C "$into" roadbed
fi
if [ -n "${CHANGE_TARGET:-}" ]; then
  git fetch --quiet --no-tags origin "+refs/heads/$CHANGE_TARGET:refs/remotes/origin/$CHANGE_TARGET"
fi
export PATH="$into:$PATH"
fail_on=$ROADBED_FAIL_ON report=$ROADBED_REPORT since=$ROADBED_SINCE
unset ROADBED_FAIL_ON ROADBED_REPORT ROADBED_SINCE
roadbed check --since "$since" --quiet --fail-on "$fail_on" --format junit --output "$report" || code=$?
roadbed check --since "$since" --fail-on never
exit "${code:-0}"
'''
    } finally {
      junit testResults: report, allowEmptyResults: true
    }
  }
}
