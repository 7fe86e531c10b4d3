//! The signature of a signed URL is neither logged nor printed nor told.

use std::time::Duration;

use mezon_protocol::upload::{Download, Upload, UploadRequest};
use mezon_protocol::{Content, Error};
use mezon_tests::captured::logged;
use mezon_tests::sim::Sim;

use crate::{config, noise, town};

fn show(printed: &mut String, error: &Error) {
    printed.push_str(&format!("{error} {error:?}\n"));
}

/// Row 244.
#[test]
fn a_signature_is_neither_logged_nor_printed_nor_sent() {
    let mut printed = String::new();
    let logged = logged(|| {
        let (world, bot, general) = town();
        let mut sim = Sim::new(config(bot), world, 4);
        sim.connect();
        let placed = sim.bot.upload_attachment(UploadRequest::default());
        let placed = sim.finish(placed).unwrap();
        printed.push_str(&format!("{placed:?}"));
        for (status, size) in [(503, 10), (503, 1000), (403, 10), (403, 1000), (400, 10), (400, 1000), (404, 10)] {
            sim.act(|world, _| world.refuse_puts(status, 100));
            let upload = Upload::bytes("a.png", noise(size));
            printed.push_str(&format!("{upload:?}"));
            let upload = sim.bot.upload(upload);
            show(&mut printed, &sim.finish(upload).unwrap_err());
            sim.act(|world, _| while world.take_put_refusal().is_some() {});
        }
        let fetch = sim.bot.download(Download::new(placed.url.expose()));
        show(&mut printed, &sim.finish(fetch).unwrap_err());
        let put = sim.bot.put_file(placed, Upload::bytes("a.png", noise(10)));
        let uploaded = sim.finish(put).unwrap();
        printed.push_str(&format!("{uploaded:?}"));
        let sent = sim.bot.channel(general).send(Content::text("").attachment(uploaded));
        sim.finish(sent).unwrap();
        sim.run_for(Duration::from_secs(1));
        printed.push_str(&format!("{:?} {:?}", sim.machine, sim.events));
    });
    assert!(logged.contains("tried again"), "nothing was captured");
    assert!(printed.contains("HTTP status 400"), "nothing was printed");
    for (what, output) in [("logged", &logged), ("printed", &printed)] {
        for secret in ["signature", "expires="] {
            assert!(!output.contains(secret), "{secret} was {what}: {output}");
        }
    }
}
