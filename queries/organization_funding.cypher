// name: organization_funding
// de: Förderung mehrerer Organisationen, soweit die Quellen sie je Beteiligten nennen
// en: Funding of several organisations as far as the sources state it per participant
// book: program
// param ids: strings
UNWIND $ids AS id
MATCH (o:Organization {id: id})-[r:PARTICIPATES_IN]->(:Project)
RETURN o.id AS id, sum(r.funding_eur) AS funding_eur, count(r.funding_eur) AS stated
