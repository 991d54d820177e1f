//! FigureService.

use tonic::{Request, Response};

use super::convert::{read_figures, sentence};
use super::{Api, Reply};
use crate::proto::claimdb::v1;
use crate::proto::claimdb::v1::figure_service_server::FigureService;

#[tonic::async_trait]
impl FigureService for Api {
    async fn read_figures(&self, request: Request<v1::ReadFiguresRequest>) -> Reply<v1::ReadFiguresResponse> {
        let (language, sentences) = read_figures(request.into_inner())?;
        let sentences = sentences.iter().map(|text| sentence(text, &language)).collect();
        Ok(Response::new(v1::ReadFiguresResponse { sentences }))
    }
}
