// Which answers does Prisma get? Prints everything a program could see, in order, or only what reads.
'use strict';

const { PrismaClient, Prisma } = require('@prisma/client');
const { PrismaPg } = require('@prisma/adapter-pg');
const { show: shown, run } = require('./shown.js');

const READS_ONLY = process.env.CLIENT_MODE === 'reads';

function connected() {
  const { PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE } = process.env;
  const adapter = new PrismaPg({
    host: PGHOST, port: Number(PGPORT), user: PGUSER, password: PGPASSWORD, database: PGDATABASE, ssl: false, max: 3,
  });
  // The fixture's arrays hold NULLs, which Prisma cannot have in lists.
  return new PrismaClient({ adapter, omit: { order: { tags: true } }, log: [{ emit: 'event', level: 'query' }], errorFormat: 'minimal' });
}

/** What was sent since something was shown; several at once are sent in any order. */
const statements = [];

function show(title, ...values) {
  for (const statement of statements.splice(0).sort()) shown('statement', statement);
  shown(title, ...values);
}

/** How something fails: Prisma's code, its words without the place in the script, what the server said. */
async function fails(title, act) {
  try {
    show(`${title} returned`, await act());
  } catch (error) {
    show(title, error.code, error.message.split('\n').slice(-1), error.meta);
  }
}

async function reads(prisma) {
  show('page', await prisma.customer.findMany({ where: { city: 'Oslo' }, orderBy: { id: 'asc' }, skip: 5, take: 4 }));
  show('cursor', await prisma.customer.findMany({ cursor: { id: 40 }, orderBy: { id: 'asc' }, take: 3, select: { id: true } }));
  show('with orders', await prisma.customer.findMany({
    where: { id: { in: [3, 1, 2] } }, orderBy: { id: 'asc' }, include: { orders: { orderBy: { id: 'desc' }, take: 2 } },
  }));
  show('of somebody', await prisma.order.findMany({
    where: { customer: { name: { contains: 'MER 7', mode: 'insensitive' } }, tags: { has: 'a1' } },
    orderBy: [{ customer: { name: 'desc' } }, { id: 'asc' }], take: 5, include: { customer: { select: { name: true } } },
  }));
  show('json', await prisma.order.findFirst({ where: { detail: { path: ['n'], equals: 9 } } }));
  show('nobody', await prisma.customer.findUnique({ where: { id: -1 } }));
  show('aggregate', await prisma.order.aggregate({ _sum: { amount: true }, _avg: { amount: true }, _max: { placed: true }, _count: true }));
  show('groups', await prisma.customer.groupBy({ by: ['city'], _count: { _all: true }, _min: { born: true }, orderBy: { city: 'asc' } }));
  show('counts', await prisma.customer.findMany({ take: 3, orderBy: { id: 'asc' }, select: { id: true, _count: { select: { orders: true } } } }));
  show('distinct', await prisma.customer.findMany({ distinct: ['city'], orderBy: [{ city: 'asc' }, { id: 'asc' }], select: { city: true, id: true } }));
  // In one turn: the client makes one statement of them.
  show('batched', await Promise.all([9, 7, 8].map((id) => prisma.customer.findUnique({ where: { id } }))));
  show('parallel', await Promise.all(Array.from({ length: 30 }, (_, n) => prisma.order.count({ where: { customerId: n } }))));
  show('raw', await prisma.$queryRaw`SELECT id, name, born, balance, note FROM customers WHERE id < ${4} ORDER BY id`);
  show('raw types', await prisma.$queryRaw`SELECT 9007199254740993::bigint AS b, ARRAY[1, 2] AS a, '{"x": 1}'::jsonb AS j, 1.5::float8 AS f, true AS t, NULL AS n`);
  show('unsafe', await prisma.$queryRawUnsafe('SELECT $1::int + $2::int AS sum', 3, 4));
  show('snapshot', await prisma.$transaction(
    [prisma.customer.count(), prisma.order.count({ where: { amount: { gt: 500 } } })], { isolationLevel: Prisma.TransactionIsolationLevel.RepeatableRead }));
  await fails('missing', () => prisma.customer.findUniqueOrThrow({ where: { id: -1 } }));
  await fails('division', () => prisma.$queryRaw`SELECT 1 / ${0}::int`);
  await fails('no column', () => prisma.$queryRaw`SELECT no_such FROM customers`);
}

const somebody = (id) => ({ id, name: `somebody ${id}`, city: 'Graz', balance: '12.34', note: Buffer.from([0, 255]) });

async function writes(prisma) {
  show('created', await prisma.customer.create({
    data: { ...somebody(9001), orders: { create: [{ id: 90011, amount: 5, placed: new Date(0), tags: ['a', 'b"c'], detail: { a: [1, null] } }] } },
    include: { orders: { omit: { tags: false } } },
  }));
  show('many', await prisma.customer.createMany({ data: Array.from({ length: 200 }, (_, n) => somebody(9100 + n)) }));
  show('and returned', await prisma.customer.createManyAndReturn({ data: [somebody(9002), somebody(9003)], select: { id: true } }));
  show('updated', await prisma.customer.update({ where: { id: 9001 }, data: { balance: { increment: 1.5 }, born: new Date(0) } }));
  show('updated many', await prisma.customer.updateMany({ where: { id: { gte: 9100, lt: 9110 } }, data: { city: 'Linz' } }));
  show('upserted', await prisma.customer.upsert({ where: { id: 9001 }, create: somebody(9001), update: { city: 'Wien' } }));
  await fails('twice', () => prisma.customer.create({ data: somebody(9001) }));
  await fails('no customer', () => prisma.order.create({ data: { id: 90012, customerId: -5, placed: new Date(0), tags: [] } }));
  await fails('a check', () => prisma.order.create({ data: { id: 90013, customerId: 1, amount: -1, placed: new Date(0), tags: [] } }));
  await fails('gone', () => prisma.customer.delete({ where: { id: -1 } }));
  show('together', await prisma.$transaction(async (own) => {
    await own.customer.delete({ where: { id: 9002 } });
    await own.$executeRaw`UPDATE customers SET city = ${'Enns'} WHERE id = ${9003}`;
    return own.customer.findMany({ where: { id: { in: [9002, 9003] } } });
  }, { isolationLevel: Prisma.TransactionIsolationLevel.Serializable }));
  await fails('undone', () => prisma.$transaction(async (own) => {
    await own.order.deleteMany({ where: { id: 90011 } });
    throw new Error('not this time');
  }));
  await fails('undone by the server', () => prisma.$transaction([
    prisma.order.deleteMany({ where: { id: 90011 } }), prisma.$executeRaw`SELECT 1 / 0`]));
  show('still there', await prisma.order.count({ where: { id: 90011 } }));
  show('deleted', await prisma.order.deleteMany({ where: { id: { gte: 90000 } } }), await prisma.customer.deleteMany({ where: { id: { gte: 9000 } } }));
}

async function main() {
  const prisma = connected();
  prisma.$on('query', ({ query, params }) => statements.push(`${query} ${params}`));
  await reads(prisma);
  if (!READS_ONLY) await writes(prisma);
  await prisma.$disconnect();
}

run(main);
