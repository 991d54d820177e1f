//! The accept loop: takes connections while there is room for them.
//!
//! tonic's own ignores the socket settings when it is given a listener, and spins when accepting fails.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use rustix::net::sockopt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tracing::{debug, warn};

use super::connection::Connections;

/// Out of file descriptors, accepting fails at once, again and again: wait, but not so long that it shows.
const BACKOFF_MIN: Duration = Duration::from_millis(5);
const BACKOFF_MAX: Duration = Duration::from_millis(100);

/// Notices, in a minute and a half, a peer that vanished without a word; HTTP/2 pings notice sooner where they run.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(60);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);
const KEEPALIVE_COUNT: u32 = 3;

/// Takes connections for ever; ends by being dropped, and the listener with it.
pub(super) async fn accept(listener: TcpListener, connections: Connections, limit: usize) {
    let places = Arc::new(Semaphore::new(limit));
    let mut backoff = BACKOFF_MIN;
    let mut refusing = false;
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) if is_of_the_peer(error.kind()) => continue,
            Err(error) => {
                warn!(%error, "cannot accept connections");
                tokio::time::sleep(backoff).await;
                backoff = BACKOFF_MAX.min(backoff * 2);
                continue;
            }
        };
        backoff = BACKOFF_MIN;
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            // Closed at once rather than left waiting: the client tries elsewhere now instead of at its deadline.
            if !refusing {
                warn!(max_connections = limit, "too many connections, refusing new ones");
            }
            refusing = true;
            continue;
        };
        refusing = false;
        if let Err(error) = prepare(&stream) {
            debug!(%error, "connection ended before it began");
            continue;
        }
        connections.spawn(stream, peer, place);
    }
}

fn prepare(stream: &TcpStream) -> std::io::Result<()> {
    // Small answers must not wait for the acknowledgement of earlier ones.
    stream.set_nodelay(true)?;
    sockopt::set_socket_keepalive(stream, true)?;
    sockopt::set_tcp_keepidle(stream, KEEPALIVE_IDLE)?;
    sockopt::set_tcp_keepintvl(stream, KEEPALIVE_INTERVAL)?;
    sockopt::set_tcp_keepcnt(stream, KEEPALIVE_COUNT)?;
    Ok(())
}

/// Errors about the one connection that was to be accepted; the next one may be fine.
fn is_of_the_peer(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::ConnectionRefused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn accepted_sockets_do_not_delay_and_notice_dead_peers() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let _client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        prepare(&stream).unwrap();
        assert!(stream.nodelay().unwrap());
        assert!(sockopt::socket_keepalive(&stream).unwrap());
        assert_eq!(sockopt::tcp_keepidle(&stream).unwrap(), KEEPALIVE_IDLE);
    }
}
