using LinuxP2V.Lab;
using LinuxP2V.Lab.Commands;

using var interrupt = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    interrupt.Cancel();
};

try
{
    return await LabCommands.RunAsync(args, interrupt.Token);
}
catch (LabException exception)
{
    await Console.Error.WriteLineAsync($"lab: {exception.Message}");
    return 1;
}
catch (OperationCanceledException)
{
    await Console.Error.WriteLineAsync("lab: interrupted");
    return 130;
}
