using System.CommandLine;
using LinuxP2V.Lab;
using LinuxP2V.Lab.Commands;

const int Interrupted = 130;

try
{
    // Without the default handler an exception reaches us, and keeps its message.
    return await LabCommands.Create().Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
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
