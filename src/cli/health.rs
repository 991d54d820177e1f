//! `claimdb health`: a probe for containers that have no shell and no grpc_health_probe.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use tonic::transport::Endpoint;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::print::print;
use super::{Failure, chain};
use crate::config::{Config, Period};
use crate::server::READINESS;

/// Whom to ask, and about what.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Address of the server, as HOST:PORT [default: the listen setting]
    #[arg(long, value_name = "ADDRESS")]
    addr: Option<String>,
    /// What to ask about: readiness, liveness, or the name of a service
    #[arg(long, default_value = READINESS, value_name = "NAME")]
    service: String,
    /// How long to wait for the answer
    #[arg(long, default_value = "3s", value_name = "PERIOD")]
    timeout: Period,
}

/// Asks, and prints one line.
pub(super) fn run(config: &Config, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let address = arguments.addr.clone().unwrap_or_else(|| reachable(config.server.listen.0).to_string());
    let answer = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Error(format!("no runtime: {error}")))?
        .block_on(check(&address, &arguments.service, arguments.timeout.0));
    let (line, code) = match answer {
        Ok(ServingStatus::Serving) => ("SERVING".to_owned(), ExitCode::SUCCESS),
        Ok(status) => (status.as_str_name().to_owned(), ExitCode::FAILURE),
        Err(message) => (message, ExitCode::FAILURE),
    };
    print(&format!("{}: {line}\n", arguments.service)).map(|()| code)
}

async fn check(address: &str, service: &str, limit: Duration) -> Result<ServingStatus, String> {
    let asked = async {
        let channel = Endpoint::from_shared(format!("http://{address}"))
            .map_err(|error| chain(&error))?
            .connect()
            .await
            .map_err(|error| format!("{address}: {}", chain(&error)))?;
        let request = HealthCheckRequest { service: service.to_owned() };
        let answer = HealthClient::new(channel).check(request).await;
        answer.map_err(|status| format!("{:?}: {}", status.code(), status.message()))
    };
    let answer = tokio::time::timeout(limit, asked)
        .await
        .map_err(|_| format!("{address}: no answer within {}", Period(limit)))??;
    Ok(answer.into_inner().status())
}

/// An address to listen on is not always one to connect to.
pub(super) fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip @ (IpAddr::V4(_) | IpAddr::V6(_)) => ip,
    };
    SocketAddr::new(ip, listen.port())
}
