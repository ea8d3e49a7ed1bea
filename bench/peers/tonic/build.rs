// Makes the code of the services from proto/; protox stands in for protoc.
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let proto = std::env::var("STEWARD_PROTO").unwrap_or_else(|_| "../../../proto".into());
    println!("cargo:rerun-if-env-changed=STEWARD_PROTO");
    println!("cargo:rerun-if-changed={proto}");
    let files = protox::compile(["inventory.proto", "task_manager.proto"], [proto])?;
    tonic_prost_build::configure().compile_fds(files)?;
    Ok(())
}
