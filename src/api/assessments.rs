//! AssessmentService.

use tonic::{Request, Response};

use super::convert::list_assessments;
use super::read::Texts;
use super::{Api, Reply};
use crate::proto::claimdb::v1;
use crate::proto::claimdb::v1::assessment_service_server::AssessmentService;

#[tonic::async_trait]
impl AssessmentService for Api {
    async fn get_assessment(&self, request: Request<v1::GetAssessmentRequest>) -> Reply<v1::GetAssessmentResponse> {
        let message = request.into_inner();
        let (assessment, read) = self.one(&message.name, message.as_of).await?;
        Ok(Response::new(v1::GetAssessmentResponse { assessment: Some(assessment), read: Some(read) }))
    }

    async fn batch_get_assessments(
        &self,
        request: Request<v1::BatchGetAssessmentsRequest>,
    ) -> Reply<v1::BatchGetAssessmentsResponse> {
        let message = request.into_inner();
        let several = self.several(message.names, message.as_of, message.allow_missing, Texts::Without).await?;
        Ok(Response::new(v1::BatchGetAssessmentsResponse {
            assessments: several.records,
            missing_names: several.missing,
            omitted_names: several.omitted,
            read: Some(several.read),
        }))
    }

    async fn list_assessments(
        &self,
        request: Request<v1::ListAssessmentsRequest>,
    ) -> Reply<v1::ListAssessmentsResponse> {
        let message = request.into_inner();
        let page = self.page(list_assessments(message, &self.store_id)?, Texts::Without).await?;
        Ok(Response::new(v1::ListAssessmentsResponse {
            assessments: page.records,
            next_page_token: page.next_page_token,
            read: Some(page.read),
        }))
    }
}
