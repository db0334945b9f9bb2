//! Builds again when the golden path that is embedded changes: the compiler does not see added files.

fn main() {
    println!("cargo::rerun-if-changed=templates");
}
