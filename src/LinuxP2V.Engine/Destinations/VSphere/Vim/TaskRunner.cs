using System.Diagnostics;
using System.Xml.Linq;

namespace LinuxP2V.Engine.Destinations.VSphere.Vim;

/// <summary>Starts the server's tasks and waits for their end.</summary>
/// <param name="busyTimeout">How long another task with the same object is waited for.</param>
internal sealed class TaskRunner(VimClient client, TimeSpan busyTimeout)
{
    private static readonly string[] Paths = ["info.state", "info.error", "info.result"];

    /// <summary>A stopped caller asks the server to stop too, and still waits this long for what becomes of it.</summary>
    public static readonly TimeSpan StopTimeout = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan ShortTask = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>
    /// While another task with the object goes on, as of a backup or of Storage DRS, the server refuses a second one before it
    /// begins: then it is tried again.
    /// </summary>
    /// <param name="stopTimeout">
    /// Null: <see cref="StopTimeout"/>. Infinite where the outcome must be known, since the server makes things that
    /// somebody has to remove.
    /// </param>
    /// <returns>The task's result; null when it has none.</returns>
    /// <exception cref="VimFaultException">The call or the task failed.</exception>
    /// <exception cref="OperationCanceledException">
    /// Cancelled, and the task did nothing: one that ended well in spite of it is a result.
    /// </exception>
    public async Task<XElement?> RunAsync(
        string method,
        ManagedObject self,
        (string Name, object? Value)[] arguments,
        CancellationToken cancellationToken,
        TimeSpan? stopTimeout = null
    )
    {
        var waiting = Stopwatch.StartNew();
        // Each attempt is an entry in the server's list of tasks.
        for (var pause = FirstPause; ; pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks)))
        {
            try
            {
                return await RunOnceAsync(method, self, arguments, stopTimeout, cancellationToken).ConfigureAwait(false);
            }
            catch (VimFaultException fault)
                when (fault.Is("TaskInProgress") && method is not ("CreateVM_Task" or "CreateChildVM_Task") && waiting.Elapsed < busyTimeout
                )
            {
                await Task.Delay(pause, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<XElement?> RunOnceAsync(
        string method,
        ManagedObject self,
        (string Name, object? Value)[] arguments,
        TimeSpan? stopTimeout,
        CancellationToken cancellationToken
    )
    {
        // Cut off in the middle, nobody would know whether it runs.
        cancellationToken.ThrowIfCancellationRequested();
        var response = await client.CallAsync(method, self, arguments, CancellationToken.None).ConfigureAwait(false);
        var task =
            response.Reference("returnval")
            ?? throw new VimTransportException($"The server started no task for {method}.", isTransient: false);
        return await WaitAsync(task, method, stopTimeout ?? StopTimeout, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits for a task that another one started.</summary>
    /// <param name="method">Of the other one.</param>
    /// <inheritdoc cref="RunAsync"/>
    public Task<XElement?> WaitAsync(ManagedObject task, string method, CancellationToken cancellationToken) =>
        WaitAsync(task, method, StopTimeout, cancellationToken);

    private async Task<XElement?> WaitAsync(ManagedObject task, string method, TimeSpan stopTimeout, CancellationToken cancellationToken)
    {
        ObjectProperties info;
        try
        {
            info = await client.Properties.ReadPatientlyAsync(task, Paths, cancellationToken).ConfigureAwait(false);
            if (!IsOver(info))
            {
                // Most tasks are short; those are not worth a filter.
                await Task.Delay(ShortTask, cancellationToken).ConfigureAwait(false);
                info = await client.Updates.WaitAsync(task, Paths, IsOver, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            using var timeout = new CancellationTokenSource(stopTimeout);
            await TryCancelAsync(task, timeout.Token).ConfigureAwait(false);
            info = await client.Updates.WaitAsync(task, Paths, IsOver, timeout.Token).ConfigureAwait(false);
            if (info["info.state"]?.Value != "success")
                throw;
        }

        if (info["info.state"]?.Value == "success")
            return info["info.result"];

        var error = info["info.error"];
        var fault = error.Child("fault");
        throw new VimFaultException(fault.TypeName() ?? "SystemError", error.Text("localizedMessage") ?? "", fault, method);
    }

    private static bool IsOver(ObjectProperties info) => info["info.state"]?.Value is "success" or "error";

    private async Task TryCancelAsync(ManagedObject task, CancellationToken cancellationToken)
    {
        try
        {
            await client.CallAsync("CancelTask", task, [], cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is VimFaultException or VimTransportException)
        {
            // Not every task can be stopped; its end is waited for all the same.
        }
    }
}
