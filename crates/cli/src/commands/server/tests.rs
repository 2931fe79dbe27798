//! URLs of servers.

use super::Server;

#[test]
fn a_url_names_a_host_and_no_more() {
    for (url, host) in [
        ("http://127.0.0.1:8787", "127.0.0.1:8787"),
        ("http://localhost:1/", "localhost:1"),
        ("http://[::1]:8787", "[::1]:8787"),
        ("http://store.test", "store.test"),
    ] {
        assert_eq!(Server::parse(url).unwrap().host, host);
    }
    for wrong in
        ["", "127.0.0.1:8787", "https://a", "http://", "http://a/b", "http://u@a", "http://a b", "http://a?b"]
    {
        assert!(Server::parse(wrong).unwrap_err().contains("http://127.0.0.1:8787"), "{wrong}");
    }
}
