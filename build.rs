//! Builds again when the golden path that is embedded changes (the compiler does not see added files), says its digest,
//! so that no run has to hash all of it, and writes its definitions as JSON, so that no run has to read their YAML.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use sha1::Sha1;
use sha2::{Digest, Sha256};

fn main() -> std::io::Result<()> {
    println!("cargo::rerun-if-changed=templates");
    let mut lines = Vec::new();
    collect(Path::new("templates"), "", &mut lines)?;
    lines.sort();
    let mut hash = Sha256::new();
    for line in &lines {
        hash.update(line);
    }
    println!("cargo::rustc-env=ROADBED_BUILTIN_DIGEST=sha256:{}", hex(&hash.finalize()));
    let out = std::env::var_os("OUT_DIR").ok_or_else(|| std::io::Error::other("cargo names no directory for it"))?;
    fs::write(Path::new(&out).join("definitions.txt"), definitions()?)
}

/// The profiles, then `golden-path.yaml` and each `asset.yaml`, one a line: the name, a tab, the JSON.
fn definitions() -> std::io::Result<String> {
    let mut names = vec!["golden-path.yaml".to_owned()];
    for asset in fs::read_dir("templates/assets")? {
        names.push(format!("assets/{}/asset.yaml", asset?.file_name().to_string_lossy()));
    }
    names.sort();
    let (mut lines, mut profiles) = (String::new(), String::new());
    // Writing to a text cannot fail.
    for name in names {
        let yaml = fs::read_to_string(Path::new("templates").join(&name))?;
        let value: serde_yaml::Value = serde_yaml::from_str(&yaml).map_err(std::io::Error::other)?;
        for (id, profile) in value.get("profiles").and_then(serde_yaml::Value::as_mapping).into_iter().flatten() {
            let _ =
                writeln!(profiles, "profiles/{}\t{}", id.as_str().unwrap_or_default(), serde_json::to_string(profile)?);
        }
        let _ = writeln!(lines, "{name}\t{}", serde_json::to_string(&value)?);
    }
    Ok(profiles + &lines)
}

/// One line a file, as `golden_path::digest` makes them; a test compares the two. What is embedded has no modes.
fn collect(directory: &Path, prefix: &str, lines: &mut Vec<String>) -> std::io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            if path != "releases" {
                collect(&entry.path(), &format!("{path}/"), lines)?;
            }
            continue;
        }
        let bytes = fs::read(entry.path())?;
        let mut hash = Sha1::new();
        hash.update(format!("blob {}\0", bytes.len()));
        hash.update(&bytes);
        lines.push(format!("100644 {path}\0{}\n", hex(&hash.finalize())));
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
