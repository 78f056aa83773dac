// Loaded before a program: tells at its end what it took, all threads of the process together.
process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  console.log(`cpu ${(user + system) / 1000}`);
});
