//! Trace: who said a claim through whom.

use prost::Message;

use super::answers::Served;
use super::claim::{attribution_message, hedge_message};
use super::metadata::read_metadata;
use super::values::number;
use crate::domain::limits;
use crate::domain::model::{AttributionRole, Certainty, Version};
use crate::proto::claimdb::v1;
use crate::service::{Hop, Linked, Trace};

/// The whole trace; links that do not fit into a message are left out and said to be.
pub(crate) fn trace(trace: &Trace) -> v1::TraceResponse {
    let mut response = v1::TraceResponse {
        claim: v1::Claim::from_version(&trace.claim, &trace.statuses, None),
        hops: trace.hops.iter().map(|hop| hop_message(hop, trace)).collect(),
        repeats: Vec::new(),
        repeated_by: Vec::new(),
        links_omitted: trace.links_omitted,
        read: Some(read_metadata(trace.head)),
    };
    let mut bytes = response.encoded_len();
    for (linked, links) in [(&trace.repeats, &mut response.repeats), (&trace.repeated_by, &mut response.repeated_by)] {
        for linked in linked {
            let link = link_message(linked, trace);
            bytes += link.encoded_len();
            if bytes > limits::PAGE_BYTES {
                response.links_omitted = true;
                break;
            }
            links.push(link);
        }
    }
    response
}

fn hop_message(hop: &Hop, trace: &Trace) -> v1::TraceHop {
    let source = |version: &Version| v1::Source::from_version(version, &trace.statuses, None);
    let attribution = match &hop.attribution {
        Some(attribution) => attribution_message(attribution),
        None => v1::Attribution {
            source: Some(v1::SourceRef { name: hop.source_name.to_string(), ..v1::SourceRef::default() }),
            role: AttributionRole::Publisher.number(),
            ..v1::Attribution::default()
        },
    };
    v1::TraceHop {
        implied: hop.attribution.is_none(),
        attribution: Some(attribution),
        source: hop.source.as_deref().and_then(source),
        channel: hop.channel.as_deref().and_then(source),
        addressees: hop.addressees.iter().filter_map(|addressee| source(addressee)).collect(),
        certainty: number(hop.attribution.as_ref().and_then(|hop| hop.certainty), Certainty::number),
        hedges: hop.hedges.iter().map(hedge_message).collect(),
        origin: hop.origin,
    }
}

fn link_message(linked: &Linked, trace: &Trace) -> v1::TraceLink {
    v1::TraceLink {
        relation: v1::Relation::from_version(&linked.relation, &trace.statuses, None),
        claim: linked.claim.as_ref().and_then(|claim| v1::Claim::from_version(claim, &trace.statuses, None)),
    }
}
