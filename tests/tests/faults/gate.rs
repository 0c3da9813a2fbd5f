//! A TCP proxy that knows where the client's messages begin, and misbehaves at any of them.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// What the gate does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// Lets so many messages of the client through and does this to the next.
    At(usize, Then),
    /// Keeps every message of either side for so long.
    Slow(Duration),
    /// Passes single bytes.
    Pieces,
    /// Takes what comes, also new connections, and answers nothing.
    Deaf,
    /// From COMMIT on nothing comes back, and this happens.
    LoseCommit(Then),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// Waits until there is another fault, or none.
    Hold,
    /// Closes the connection.
    Cut,
    /// Closes it with RST.
    Reset,
    /// Keeps it open, and passes nothing on in either direction.
    Silence,
}

#[derive(Debug)]
pub(crate) struct Gate {
    url: String,
    shared: Arc<Shared>,
    listener: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    fault: watch::Sender<Fault>,
    /// Messages since the fault was set.
    messages: AtomicUsize,
    /// Whether the fault happened.
    struck: watch::Sender<bool>,
}

impl Gate {
    pub(crate) async fn start(upstream_url: &str) -> Self {
        let (before, rest) = upstream_url.rsplit_once('@').unwrap();
        let (server, path) = rest.split_once('/').unwrap();
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("{before}@{}/{path}", socket.local_addr().unwrap());
        let shared = Arc::new(Shared {
            fault: watch::Sender::new(Fault::None),
            messages: AtomicUsize::new(0),
            struck: watch::Sender::new(false),
        });
        let listener = tokio::spawn(listen(socket, server.to_owned(), Arc::clone(&shared)));
        Self { url, shared, listener }
    }

    pub(crate) fn url(&self) -> String {
        self.url.clone()
    }

    /// Does this from now on, counting messages from 0; whether it struck is known until there is another.
    pub(crate) fn set(&self, fault: Fault) {
        if fault != Fault::None {
            self.shared.messages.store(0, Ordering::SeqCst);
            self.shared.struck.send_replace(false);
        }
        self.shared.fault.send_replace(fault);
    }

    /// Waits until the fault has struck.
    pub(crate) async fn struck(&self) {
        self.shared.struck.subscribe().wait_for(|struck| *struck).await.unwrap();
    }

    pub(crate) fn has_struck(&self) -> bool {
        *self.shared.struck.borrow()
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

async fn listen(socket: TcpListener, upstream: String, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = socket.accept().await {
        connections.spawn(connect(client, upstream.clone(), Arc::clone(&shared)));
        while connections.try_join_next().is_some() {}
    }
}

async fn connect(client: TcpStream, upstream: String, shared: Arc<Shared>) {
    let Ok(server) = TcpStream::connect(upstream).await else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (from_client, mut to_client) = client.into_split();
    let (from_server, mut to_server) = server.into_split();
    // What must not come back any more.
    let mute = watch::Sender::new(false);
    let requests = async {
        let end = pass_requests(from_client, &mut to_server, &shared, &mute).await;
        if end == Some(Then::Reset) {
            return Then::Reset;
        }
        if end.is_none() {
            // The server has the last word: it may have said goodbye.
            let _ = to_server.shutdown().await;
            std::future::pending::<()>().await;
        }
        Then::Cut
    };
    let answers = pass_answers(from_server, &mut to_client, &shared, &mute);
    let end = tokio::select! {
        end = requests => end,
        () = answers => Then::Cut,
    };
    if end == Then::Reset {
        let _ = to_client.as_ref().set_zero_linger();
    }
}

/// `None` when the client has said all it has to say, or the server hears nothing any more.
async fn pass_requests(
    mut client: OwnedReadHalf,
    server: &mut OwnedWriteHalf,
    shared: &Shared,
    mute: &watch::Sender<bool>,
) -> Option<Then> {
    let mut is_first = true;
    while let Ok(message) = read_message(&mut client, is_first).await {
        let fault = *shared.fault.borrow();
        if fault == Fault::Deaf {
            mute.send_replace(true);
            shared.fault.subscribe().wait_for(|now| *now != fault).await.ok()?;
            return Some(Then::Cut);
        }
        // Signing in, and orders to cancel, are of no interest.
        if !is_first && message[0] != b'p' {
            let number = shared.messages.fetch_add(1, Ordering::SeqCst);
            let fault = *shared.fault.borrow();
            let then = match fault {
                Fault::At(at, then) if number >= at => Some(then),
                Fault::LoseCommit(_) if is_commit(&message) => {
                    mute.send_replace(true);
                    None
                }
                _ => None,
            };
            if let Some(then) = then {
                shared.struck.send_replace(true);
                match then {
                    Then::Hold | Then::Silence => {
                        mute.send_replace(then == Then::Silence);
                        let mut faults = shared.fault.subscribe();
                        faults.wait_for(|now| *now != fault).await.ok()?;
                        if then == Then::Silence {
                            return Some(Then::Cut);
                        }
                    }
                    Then::Cut | Then::Reset => return Some(then),
                }
            }
        }
        is_first = false;
        write(server, &message, shared).await?;
    }
    None
}

fn is_commit(message: &[u8]) -> bool {
    message[0] == b'Q' && message[5..].starts_with(b"COMMIT")
}

/// One message, with its head. The first one of a connection has no letter.
async fn read_message(client: &mut OwnedReadHalf, is_first: bool) -> std::io::Result<Vec<u8>> {
    let head = if is_first { 4 } else { 5 };
    let mut message = vec![0; head];
    client.read_exact(&mut message).await?;
    let length = u32::from_be_bytes(message[head - 4..].try_into().unwrap()) as usize;
    message.resize(head - 4 + length, 0);
    client.read_exact(&mut message[head..]).await?;
    Ok(message)
}

async fn pass_answers(
    mut server: OwnedReadHalf,
    client: &mut OwnedWriteHalf,
    shared: &Shared,
    mute: &watch::Sender<bool>,
) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = server.read(&mut buffer).await {
        if *mute.borrow() {
            let fault = *shared.fault.borrow();
            if fault == Fault::LoseCommit(Then::Cut) {
                if buffer[..count].ends_with(b"Z\0\0\0\x05I") {
                    return; // the transaction is over
                }
                continue;
            }
            // Whatever comes is lost, until the fault is over.
            let _ = shared.fault.subscribe().wait_for(|now| *now != fault).await;
            return;
        }
        if write(client, &buffer[..count], shared).await.is_none() {
            return;
        }
    }
    if *mute.borrow() {
        // Not even that the server is gone.
        std::future::pending::<()>().await;
    }
    let _ = client.shutdown().await;
}

async fn write(to: &mut OwnedWriteHalf, bytes: &[u8], shared: &Shared) -> Option<()> {
    let fault = *shared.fault.borrow();
    match fault {
        Fault::Slow(delay) => {
            tokio::time::sleep(delay).await;
            to.write_all(bytes).await.ok()
        }
        Fault::Pieces => {
            for byte in bytes {
                to.write_all(std::slice::from_ref(byte)).await.ok()?;
                tokio::task::yield_now().await;
            }
            Some(())
        }
        _ => to.write_all(bytes).await.ok(),
    }
}
