#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mezon_tests::fuzz::recording(data));
