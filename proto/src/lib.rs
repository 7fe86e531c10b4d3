//! Generator of the wire types in `mezon-protocol/src/proto/`, and of the schema that `mezon-sandbox` reflects on.
//!
//! Input: the `.proto` files under `mezon/` beside this crate. Output: one Rust file per protobuf package, and one file
//! with all descriptors, encoded. They are checked in, so that building needs neither this crate nor a `protoc`. The
//! output depends on the `.proto` files and on the versions in `Cargo.lock`, nothing else.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The command that rewrites the checked-in files, for messages to people.
pub const COMMAND: &str = "cargo run -p mezon-proto-gen";

/// Messages that carry credentials: their `Debug` shows their name and nothing else.
const SECRET: [(&str, &str); 27] = [
    ("mezon.api", "Account"),
    ("mezon.api", "AccountEmail"),
    ("mezon.api", "AccountRefresh"),
    ("mezon.api", "AddAppRequest"),
    ("mezon.api", "App"),
    ("mezon.api", "ClanWebhook"),
    ("mezon.api", "ClanWebhookHandlerRequest"),
    ("mezon.api", "GenerateClanWebhookResponse"),
    ("mezon.api", "GenerateHashChannelAppsResponse"),
    ("mezon.api", "GenerateMeetTokenExternalResponse"),
    ("mezon.api", "GenerateMeetTokenResponse"),
    ("mezon.api", "LinkAccountConfirmRequest"),
    ("mezon.api", "MezonOauthClient"),
    ("mezon.api", "MultipartUploadAttachment"),
    ("mezon.api", "RegistFcmDeviceTokenRequest"),
    ("mezon.api", "RegistFcmDeviceTokenResponse"),
    ("mezon.api", "RegistrationEmailRequest"),
    ("mezon.api", "Session"),
    ("mezon.api", "SessionLogoutRequest"),
    ("mezon.api", "SessionRefreshRequest"),
    ("mezon.api", "StreamHttpCallbackRequest"),
    ("mezon.api", "UpdateAccountRequest"),
    ("mezon.api", "UploadAttachment"),
    ("mezon.api", "Webhook"),
    ("mezon.api", "WebhookGenerateResponse"),
    ("mezon.realtime", "UserProfileRedis"),
    ("mezon.realtime", "UserProfileUpdatedEvent"),
];

/// The folder of the checked-in files.
pub fn output_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../mezon-protocol/src/proto")
}

/// The checked-in file of the descriptors.
pub fn schema_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../mezon-sandbox/src/world/schema.binpb")
}

/// Compiles all `.proto` files and returns their descriptors as an encoded `FileDescriptorSet`, without comments.
///
/// # Errors
///
/// As [`generate`].
pub fn schema() -> Result<Vec<u8>, Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut compiler = protox::Compiler::new([root])?;
    compiler.include_imports(true).include_source_info(false).open_files(proto_files(root)?)?;
    // No file imports it, yet calls are asked with it and answered by it.
    compiler.open_file("google/protobuf/empty.proto")?;
    Ok(compiler.encode_file_descriptor_set())
}

/// Compiles all `.proto` files and returns the generated sources: file name to contents.
///
/// # Errors
///
/// When a `.proto` file cannot be read or does not compile; the message names the file and the line.
pub fn generate() -> Result<BTreeMap<String, String>, Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let descriptors = protox::compile(proto_files(root)?, [root])?;

    let mut config = prost_build::Config::new();
    config
        .format(true)
        .enable_type_names()
        // One large variant would set the size of every envelope in every queue: 24 bytes this way, 824 without.
        .boxed(".mezon.realtime.Envelope.message")
        .skip_debug(SECRET.map(|(package, message)| format!(".{package}.{message}")))
        // Servers disagree on the wire type of its first field, and prost would refuse one of the two.
        .extern_path(".mezon.realtime.MeetParticipantEvent", "crate::proto::MeetParticipantEvent");

    // The files of google.protobuf go in too: prost maps their types to Rust's own, and generates nothing for them.
    let modules = descriptors
        .file
        .into_iter()
        .map(|file| (prost_build::Module::from_protobuf_package_name(file.package()), file))
        .collect();
    let sources = config.generate(modules)?;
    let name = |(module, source): (prost_build::Module, String)| {
        let file = module.to_file_name_or("mezon");
        let redacted = redacted(file.trim_end_matches(".rs"));
        (file, source + &redacted)
    };
    Ok(sources.into_iter().map(name).collect())
}

/// `Debug` for the messages of a package that carry credentials.
fn redacted(package: &str) -> String {
    let of_package = SECRET.iter().filter(|(of, _)| *of == package);
    let write = |(_, message): &(&str, &str)| {
        format!(
            "impl ::core::fmt::Debug for {message} {{
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {{
        f.debug_struct(\"{message}\").finish_non_exhaustive()
    }}
}}
"
        )
    };
    of_package.map(write).collect()
}

/// All `.proto` files below `root/mezon`, sorted, because their order is the order of the generated types.
fn proto_files(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![root.join("mezon")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "proto") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}
