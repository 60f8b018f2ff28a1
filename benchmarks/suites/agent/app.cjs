// The application that agents are weighed on: Express with the usual middleware, a nested router, an answer of some size.
const express = require('express');

const orders = Array.from({ length: 20 }, (_, index) => ({ sku: `sku-${index}`, title: `Article number ${index}`, cents: 1000 + index, tags: ['new', 'sale'] }));
const app = express();
app.use(express.json());
app.use((request, response, next) => {
  response.setHeader('x-request-id', request.headers['x-request-id'] ?? 'none');
  next();
});
const router = express.Router();
router.get('/:order', (request, response) => response.json({ id: request.params.order, orders }));
app.use('/orders', router);

// What all threads of the process have used, in microseconds: to the microsecond, where /proc tells hundredths of a second.
const cpuUs = () => {
  const { user, system } = process.cpuUsage();
  return user + system;
};
const server = app.listen(0, '127.0.0.1', () => process.send({ url: `http://127.0.0.1:${server.address().port}`, cpuUs: cpuUs() }));
process.on('message', () => process.send({ cpuUs: cpuUs() }));
