using LinuxP2V.Agent;

return await EntryPoint.RunAsync(args);
