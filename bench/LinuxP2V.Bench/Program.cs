using System.Runtime.InteropServices;
using LinuxP2V.Bench;

const int Interrupted = 130;

// Whatever ends the run, mounts and loop devices go first: the token lets every part take its own away.
using var interrupt = new CancellationTokenSource();
void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    interrupt.Cancel();
}

using var registration1 = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var registration2 = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var registration3 = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);

// sshd and the disk tools live in sbin, which a plain PATH lacks.
Environment.SetEnvironmentVariable("PATH", $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin");
try
{
    return await new BenchRun(BenchOptions.Parse(args), Console.WriteLine).RunAsync(interrupt.Token) ? 0 : 1;
}
catch (BenchException exception)
{
    await Console.Error.WriteLineAsync($"bench: {exception.Message}");
    return 2;
}
catch (OperationCanceledException)
{
    await Console.Error.WriteLineAsync("bench: interrupted; what it made is taken away");
    return Interrupted;
}
