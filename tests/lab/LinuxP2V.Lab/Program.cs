using System.CommandLine;
using LinuxP2V.Lab;
using LinuxP2V.Lab.Commands;

const int Interrupted = 130;

using var interrupt = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    interrupt.Cancel();
};

try
{
    // Exceptions come to us with their message, and an interrupt has all the time that it takes to stop the machines.
    var invocation = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
    return await LabCommands.Create().Parse(args).InvokeAsync(invocation, interrupt.Token);
}
catch (LabException exception)
{
    await Console.Error.WriteLineAsync($"lab: {exception.Message}");
    return 1;
}
catch (OperationCanceledException)
{
    await Console.Error.WriteLineAsync("lab: interrupted");
    return Interrupted;
}
