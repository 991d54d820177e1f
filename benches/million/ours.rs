//! The server that is measured, its client, and writing to it.

use std::sync::Arc;

use claimdb::proto::claimdb::v1::claim_service_client::ClaimServiceClient;
use claimdb::proto::claimdb::v1::figure_service_client::FigureServiceClient;
use claimdb::proto::claimdb::v1::record_service_client::RecordServiceClient;
use tonic::transport::Channel;

use crate::generate::Generator;
use crate::process::{Server, connect};
use crate::writer::Writer;

pub(crate) struct Ours {
    pub(crate) client: ClaimServiceClient<Channel>,
    pub(crate) figures: FigureServiceClient<Channel>,
    recording: RecordServiceClient<Channel>,
    generator: Arc<Generator>,
}

impl Ours {
    pub(crate) async fn connect(server: &Server, generator: Arc<Generator>) -> Self {
        let channel = connect(&server.address).await.expect("a connection");
        let (client, figures) = (ClaimServiceClient::new(channel.clone()), FigureServiceClient::new(channel));
        let recording = RecordServiceClient::new(connect(&server.address).await.expect("a connection"));
        Self { client, figures, recording, generator }
    }

    pub(crate) fn write(&self, rate: u64, first: u64) -> Writer {
        let (client, generator) = (self.recording.clone(), Arc::clone(&self.generator));
        Writer::start(rate, first, move |number| {
            let (mut client, item) = (client.clone(), generator.item(number));
            async move { client.record(item).await.is_ok() }
        })
    }
}
