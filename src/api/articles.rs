//! ArticleService.

use tonic::{Request, Response};

use super::convert::{list_articles, query_articles};
use super::read::Texts;
use super::{Api, Reply};
use crate::proto::claimdb::v1;
use crate::proto::claimdb::v1::article_service_server::ArticleService;

#[tonic::async_trait]
impl ArticleService for Api {
    async fn get_article(&self, request: Request<v1::GetArticleRequest>) -> Reply<v1::GetArticleResponse> {
        let message = request.into_inner();
        let (article, read) = self.one(&message.name, message.as_of).await?;
        Ok(Response::new(v1::GetArticleResponse { article: Some(article), read: Some(read) }))
    }

    async fn batch_get_articles(
        &self,
        request: Request<v1::BatchGetArticlesRequest>,
    ) -> Reply<v1::BatchGetArticlesResponse> {
        let message = request.into_inner();
        let several =
            self.several(message.names, message.as_of, message.allow_missing, message.include_text.into()).await?;
        Ok(Response::new(v1::BatchGetArticlesResponse {
            articles: several.records,
            missing_names: several.missing,
            omitted_names: several.omitted,
            read: Some(several.read),
        }))
    }

    async fn list_articles(&self, request: Request<v1::ListArticlesRequest>) -> Reply<v1::ListArticlesResponse> {
        let message = request.into_inner();
        let texts = message.include_text.into();
        let page = self.page(list_articles(message, &self.store_id)?, texts).await?;
        Ok(Response::new(v1::ListArticlesResponse {
            articles: page.records,
            next_page_token: page.next_page_token,
            read: Some(page.read),
        }))
    }

    async fn query_articles(&self, request: Request<v1::QueryArticlesRequest>) -> Reply<v1::QueryArticlesResponse> {
        let page = self.page(query_articles(request.into_inner(), &self.store_id)?, Texts::Without).await?;
        Ok(Response::new(v1::QueryArticlesResponse {
            articles: page.records,
            next_page_token: page.next_page_token,
            scan_limited: page.scan_limited,
            postings_scanned: page.scanned,
            read: Some(page.read),
        }))
    }
}
