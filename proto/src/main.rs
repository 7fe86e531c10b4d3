//! Rewrites the checked-in wire types and their schema: `cargo run -p mezon-proto-gen`.

use std::error::Error;
use std::fs;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = mezon_proto_gen::output_dir();
    for (name, source) in mezon_proto_gen::generate()? {
        fs::write(folder.join(name), source)?;
    }
    fs::write(mezon_proto_gen::schema_path(), mezon_proto_gen::schema()?)?;
    Ok(())
}
