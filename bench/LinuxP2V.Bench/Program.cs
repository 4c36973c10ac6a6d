using System.CommandLine;
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
    var command = BenchCommand.Create((options, cancellationToken) => new BenchRun(options, Console.WriteLine).RunAsync(cancellationToken));
    // Signals come to us above, and exceptions below.
    var invocation = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
    return await command.Parse(args).InvokeAsync(invocation, interrupt.Token);
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
