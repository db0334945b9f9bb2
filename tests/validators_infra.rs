//! The infrastructure and the pipelines that the built-in path lays, before judges that others wrote.
//!
//! Set up and skipped like `tests/validators.rs`. What a validator finds that is a decision of the path's is named here, and
//! explained in CONTRIBUTING.md.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod support;

use std::collections::BTreeSet;
use std::path::Path;

use support::laid::{Laid, has_extension, laid};
use support::{Bed, Ran, skip, validator, validator_if_had, validators};

/// Runs `program` on each file: it must accept all of them, and refuse the bad one.
fn validate(program: &Path, args: &[&str], bad: (&str, &str), is_for: impl Fn(&str) -> bool) {
    let run =
        |bed: &Bed, dir: &str, file: &str| Ran::of(&bed.command(program, dir).args(args).arg(file).output().unwrap());
    let bed = Bed::new();
    bed.write(bad.0, bad.1);
    assert_ne!(run(&bed, ".", bad.0).code, 0, "{} accepts what is wrong", program.display());
    let laid = laid();
    for file in laid.files(|path, _| is_for(path)) {
        let ran = run(&laid.bed, &file.dir, &file.path);
        let program = program.display();
        assert_eq!(ran.code, 0, "{program} on {}/{}:\n{}{}", file.dir, file.path, ran.stdout, ran.stderr);
    }
}

#[test]
fn a_second_parser_reads_every_terraform_file() {
    let Some(program) = validator("python-hcl2", "hcl2tojson") else { return };
    validate(&program, &[], ("bad.tf", "resource \"a\" {\n"), |path| {
        has_extension(path, "tf") || path.ends_with(".tftest.hcl")
    });
}

#[test]
#[ignore = "from npm; `tests/run --validators` runs it"]
fn the_parser_of_terraform_itself_reads_every_terraform_file() {
    let Some(program) = validator_if_had("hcl2json", "hcl2json") else { return };
    validate(&program, &[], ("bad.tf", "resource \"a\" {\n"), |path| {
        has_extension(path, "tf") || path.ends_with(".tftest.hcl")
    });
}

#[test]
fn pipelines_of_gitlab_fit_their_schema() {
    let Some(program) = validator("check-jsonschema", "check-jsonschema") else { return };
    let args = ["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"];
    validate(&program, &args, ("bad.yml", "a: {script: [true], when: sometimes}\n"), is_gitlab);
}

/// Whether a file is a pipeline of GitLab's; the scripts beside them are none.
fn is_gitlab(path: &str) -> bool {
    path == ".gitlab-ci.yml" || path.starts_with(".gitlab/ci/") && has_extension(path, "yml")
}

/// Of each job of a pipeline of GitLab: its lines, as one script of the runner's.
fn scripts_of_gitlab(text: &str) -> Vec<String> {
    let jobs: serde_yaml::Mapping = serde_yaml::from_str(text).unwrap();
    let parts = ["before_script", "script", "after_script"];
    let scripts = jobs.values().flat_map(|job| parts.map(|part| job.get(part).cloned()));
    let script = |lines: serde_yaml::Value| {
        lines.as_sequence().unwrap().iter().fold(String::new(), |script, line| script + line.as_str().unwrap() + "\n")
    };
    scripts.flatten().map(script).collect()
}

/// Every `sh` step of a Jenkinsfile: one in single quotes, or a block in three.
fn scripts_of_jenkins(text: &str) -> Vec<String> {
    let (mut scripts, mut rest) = (Vec::new(), text);
    while let Some((_, after)) = rest.split_once("sh '") {
        let (body, end) = after.strip_prefix("''").map_or((after, "'"), |block| (block, "'''"));
        let (script, left) = body.split_once(end).unwrap();
        scripts.push(format!("{script}\n"));
        rest = left;
    }
    scripts
}

#[test]
fn shellcheck_accepts_every_shell_block_of_gitlab_and_jenkins() {
    let Some(program) = validator("shellcheck", "shellcheck") else { return };
    let bed = Bed::new();
    let judge = |script: &str| {
        bed.write("block", script);
        Ran::of(&bed.command(&program, ".").args(["--norc", "--shell=sh", "block"]).output().unwrap())
    };
    judge("rm $1\n").code(1).prints("SC2086");
    let (mut gitlab, mut jenkins) = (0, 0);
    for file in laid().files(|path, _| is_gitlab(path) || path.starts_with("Jenkinsfile")) {
        let of_gitlab = is_gitlab(&file.path);
        let scripts = if of_gitlab { scripts_of_gitlab(&file.text) } else { scripts_of_jenkins(&file.text) };
        *if of_gitlab { &mut gitlab } else { &mut jenkins } += scripts.len();
        for script in scripts {
            let ran = judge(&script);
            assert_eq!(ran.code, 0, "{}/{}:\n{}", file.dir, file.path, ran.stdout);
        }
    }
    assert!(gitlab > 20 && jenkins > 20, "{gitlab} blocks of GitLab, {jenkins} of Jenkins");
}

/// The lines of every recipe as the shell gets them: joined, without make's marks, its variables filled in.
fn recipes(makefile: &str) -> Vec<String> {
    let joined = makefile.replace("\\\n", " ");
    let filled = |line: &str| {
        let (mut script, mut rest) = (String::new(), line.trim_start_matches(['@', '-', '+']));
        while let Some((before, after)) = rest.split_once('$') {
            script.push_str(before);
            rest = if let Some(after) = after.strip_prefix('$') {
                script.push('$');
                after
            } else {
                // A word for each: the same one twice would be read and written.
                script.push('x');
                script.push_str(&rest.len().to_string());
                after.strip_prefix('(').map_or_else(|| &after[1..], |name| name.split_once(')').unwrap().1)
            };
        }
        script + rest + "\n"
    };
    joined.lines().filter_map(|line| line.strip_prefix('\t')).map(filled).collect()
}

#[test]
fn shellcheck_accepts_every_recipe_of_a_makefile() {
    let Some(program) = validator("shellcheck", "shellcheck") else { return };
    let bed = Bed::new();
    let judge = |makefile: &str| {
        let scripts = recipes(makefile);
        for (index, script) in scripts.iter().enumerate() {
            bed.write(&format!("{index}"), script);
        }
        let names = (0..scripts.len()).map(|index| index.to_string());
        Ran::of(&bed.command(&program, ".").args(["--norc", "--shell=sh"]).args(names).output().unwrap())
    };
    judge("a: ## Remove\n\t@rm $$1 \\\n\t\t$(DIR)\n").code(1).prints("SC2086");
    let wrong = laid().files(|path, _| path.ends_with("Makefile")).into_iter().filter_map(|file| {
        let ran = judge(&file.text);
        (ran.code != 0).then(|| format!("{}/{}:\n{}", file.dir, file.path, ran.stdout))
    });
    assert_eq!(wrong.collect::<String>(), "");
}

#[test]
fn manifests_have_no_field_that_kubernetes_does_not_know() {
    let Some(program) = validator("kubernetes-validate", "kubernetes-validate") else { return };
    let bad = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {port: 80}\n";
    // What kustomize reads alone is not for the cluster; sizes are patches.
    validate(&program, &["--strict"], ("bad.yaml", bad), |path| {
        path.starts_with("deploy/base/") && !path.ends_with("kustomization.yaml")
    });
}

/// Of each module of each repository: the file that pins its providers.
fn versions_files(laid: &Laid) -> Vec<(String, String)> {
    let of = |dir: &String| {
        let paths = laid.bed.files(dir).into_iter().map(|(path, _, _)| path);
        paths.filter(|path| path.ends_with("versions.tf")).map(|path| (dir.clone(), path)).collect::<Vec<_>>()
    };
    laid.dirs.iter().flat_map(of).collect()
}

#[test]
#[ignore = "slow; `tests/run --validators` runs it"]
fn terraform_accepts_every_module_and_its_tests_pass() {
    let Some(root) = validators("terraform") else { return };
    let rc = root.join("terraform/rc");
    // Terraform writes beside the modules: not in what other tests read.
    let laid = Laid::new();
    let bed = &laid.bed;
    if !rc.exists() || bed.command("terraform", ".").arg("version").output().is_err() {
        return skip("terraform and npm judge the modules; one of them is lacking");
    }
    let run = |dir: &str, args: &[&str]| {
        Ran::of(&bed.command("terraform", dir).env("TF_CLI_CONFIG_FILE", &rc).args(args).output().unwrap())
    };
    bed.write("bad/main.tf", "resource \"aws_kms_key\" \"a\" {\n  rotate = true\n}\n");
    run("bad", &["validate", "-no-color"]).code(1);
    let (mut modules, mut judged) = (BTreeSet::new(), BTreeSet::new());
    for (dir, path) in versions_files(&laid) {
        let module = format!("{dir}/{}", Path::new(&path).parent().unwrap().display());
        // Trust differs by forge, names by cloud: what is the same in every file is judged once.
        if !judged.insert(bed.files(&module)) {
            continue;
        }
        run(&module, &["fmt", "-check", "-recursive", "-diff"]).ok();
        for place in bed.path(&format!("{module}/examples")).read_dir().unwrap() {
            let example = format!("{module}/examples/{}", place.unwrap().file_name().to_str().unwrap());
            run(&example, &["get"]).ok();
            run(&example, &["validate", "-no-color"]).ok();
        }
        run(&module, &["test", "-no-color"]).ok().prints(" passed, 0 failed.");
        modules.insert(path);
    }
    assert!(modules.len() >= 4, "{modules:?}");
}

/// What checkov finds, and the path decided otherwise.
const DECIDED: [&str; 3] = ["CKV_AZURE_33", "CKV2_AZURE_21", "CKV_GCP_125"];

#[test]
#[ignore = "slow; `tests/run --validators` runs it"]
fn checkov_finds_in_infrastructure_only_what_was_decided() {
    let Some(program) = validator("checkov", "checkov") else { return };
    let bad = Bed::new();
    bad.write("main.tf", "resource \"aws_s3_bucket\" \"a\" {\n  bucket = \"a\"\n}\n");
    let args = ["--framework=terraform,kubernetes", "--compact", "--quiet", "--skip-download", "--output=json"];
    let failed = |bed: &Bed, dir: &str| -> BTreeSet<String> {
        let ran = Ran::of(&bed.command(&program, dir).arg("--directory=.").args(args).output().unwrap());
        let report: serde_yaml::Value =
            serde_yaml::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
        let reports = report.as_sequence().cloned().unwrap_or_else(|| vec![report.clone()]);
        reports
            .iter()
            .flat_map(|report| report["results"]["failed_checks"].as_sequence().cloned().unwrap_or_default())
            .map(|check| check["check_id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert!(failed(&bad, ".").len() > 2, "checkov accepts what is wrong");
    let laid = laid();
    for dir in &laid.dirs {
        let left: Vec<String> =
            failed(&laid.bed, dir).into_iter().filter(|id| !DECIDED.contains(&id.as_str())).collect();
        assert!(left.is_empty(), "{dir}: {left:?}");
    }
}
