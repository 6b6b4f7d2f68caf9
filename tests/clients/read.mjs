// Reads every table and view of the schema tiering as node's clients do, and values of every type; prints what fails.
//     node read.mjs pg|postgres       with PGHOST, PGPORT, PGUSER, PGDATABASE as for psql
import pg from "pg";
import postgres from "postgres";

const relations = `SELECT c.oid::regclass::text AS name FROM pg_class c
    WHERE c.relkind IN ('r', 'v') AND (c.relnamespace = 'tiering'::regnamespace OR c.relname = 'clients_types') ORDER BY 1`;

async function open(client) {
    if (client === "pg") {
        const connection = new pg.Client();
        await connection.connect();
        return [async (query) => (await connection.query(query)).rows, () => connection.end()];
    }
    const sql = postgres({ max: 1, onnotice: () => {} });
    return [(query) => sql.unsafe(query), () => sql.end()];
}

const [read, close] = await open(process.argv[2]);
for (const { name } of await read(relations)) {
    try {
        for (const row of await read(`SELECT * FROM ${name}`)) {
            for (const [column, value] of Object.entries(row)) {
                // An infinite time is a number here, and null in JSON.
                if (value === Infinity || value === -Infinity) console.log(`${name}.${column} is ${value}`);
                if (value instanceof Date && Number.isNaN(value.valueOf())) console.log(`${name}.${column} is no time`);
            }
        }
    } catch (error) {
        console.log(`${name}: ${error.message}`);
    }
}
await close();
