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

/// Bytes that a source takes in a hop besides itself, and the flag where it is missing.
const SOURCE_BYTES: usize = 8;

/// The whole trace; records of sources and links that do not fit into a message are left out and said to be.
pub(crate) fn trace(trace: &Trace) -> v1::TraceResponse {
    let mut response = v1::TraceResponse {
        claim: v1::Claim::from_version(&trace.claim, &trace.statuses, None),
        hops: trace.hops.iter().map(hop_message).collect(),
        repeats: Vec::new(),
        repeated_by: Vec::new(),
        links_omitted: trace.links_omitted,
        read: Some(read_metadata(trace.head)),
    };
    let mut bytes = response.encoded_len();
    resolve(trace, &mut response.hops, &mut bytes);
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

/// Puts the records of sources into their hops, as far as a message holds them: first who says it in each hop, then through
/// what, then to whom.
fn resolve(trace: &Trace, hops: &mut [v1::TraceHop], bytes: &mut usize) {
    let mut fitting = |version: Option<&Version>, sources_omitted: &mut bool| {
        let source = v1::Source::from_version(version?, &trace.statuses, None)?;
        let size = source.encoded_len() + SOURCE_BYTES;
        // A smaller one behind it may still fit.
        if *bytes + size > limits::PAGE_BYTES {
            *sources_omitted = true;
            return None;
        }
        *bytes += size;
        Some(source)
    };
    for (hop, message) in trace.hops.iter().zip(&mut *hops) {
        message.source = fitting(hop.source.as_deref(), &mut message.sources_omitted);
    }
    for (hop, message) in trace.hops.iter().zip(&mut *hops) {
        message.channel = fitting(hop.channel.as_deref(), &mut message.sources_omitted);
    }
    for (hop, message) in trace.hops.iter().zip(hops) {
        for addressee in &hop.addressees {
            message.addressees.extend(fitting(Some(addressee.as_ref()), &mut message.sources_omitted));
        }
    }
}

/// A hop as it is recorded, without the records of its sources.
fn hop_message(hop: &Hop) -> v1::TraceHop {
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
        certainty: number(hop.attribution.as_ref().and_then(|hop| hop.certainty), Certainty::number),
        hedges: hop.hedges.iter().map(hedge_message).collect(),
        origin: hop.origin,
        ..v1::TraceHop::default()
    }
}

fn link_message(linked: &Linked, trace: &Trace) -> v1::TraceLink {
    v1::TraceLink {
        relation: v1::Relation::from_version(&linked.relation, &trace.statuses, None),
        claim: linked.claim.as_ref().and_then(|claim| v1::Claim::from_version(claim, &trace.statuses, None)),
    }
}
