// PostGraphile on the schema api of docs/clients.md: the view is a list, the function a mutation, and nothing of the schema tiering is shown.
import graphql from "graphql";
import pg from "pg";
import postgraphile from "postgraphile";

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
const schema = await postgraphile.createPostGraphileSchema(pool, ["api"]);
const ask = async (source) => {
    const answer = await postgraphile.withPostGraphileContext({ pgPool: pool }, (context) => graphql.graphql(schema, source, null, { ...context }));
    if (answer.errors) throw new Error(answer.errors.join("; "));
    return answer.data;
};
const { allDues } = await ask("{ allDues(orderBy: DUE_ASC, first: 3) { nodes { customer label tier } } }");
await ask('mutation { logContact(input: { program: "sales", customer: "11", channel: "phone" }) { clientMutationId } }');
const { rows } = await pool.query("SELECT count(*)::integer AS contacts FROM tiering.followups WHERE program = 'sales' AND customer = '11' AND channel = 'phone'");
console.log(allDues.nodes.filter((n) => n.label.startsWith("Company") && n.tier).length, rows[0].contacts > 0, "CurrentTier" in schema.getTypeMap());
await pool.end();
