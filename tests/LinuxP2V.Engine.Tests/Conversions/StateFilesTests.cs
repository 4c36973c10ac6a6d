using LinuxP2V.Engine.Conversions;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Engine.Tests.Conversions;

/// <summary>
/// A folder in the place of a file is denied on every system, to root as well, as a file is that a scanner holds on
/// Windows.
/// </summary>
public sealed class StateFilesTests : ConversionTestBase
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(150);

    public static TheoryData<string> Operations => [.. OperationsByName.Keys];

    private static readonly Dictionary<string, (string File, Action<ConversionStore, Conversion> Run)> OperationsByName = new()
    {
        ["Save"] = (".json", (store, conversion) => store.Save(conversion)),
        ["RequestStop"] = (".stop", (store, conversion) => store.Requests.RequestStop(conversion.Id)),
        ["ClearStopRequest"] = (".stop", (store, conversion) => store.Requests.ClearStop(conversion.Id)),
        ["RequestLimit"] = (".limit", (store, conversion) => store.Requests.RequestLimit(conversion.Id, 5)),
        ["TryLock"] = (".lock", (store, conversion) => store.TryLock(conversion.Id)!.Dispose()),
        ["OpenLog"] = (".log", (store, conversion) => store.OpenLog(conversion.Id).Dispose()),
        ["Differences"] = (".differences", (store, conversion) => store.Differences(conversion.Id).Begin("first")),
        ["Delete"] = (".log", (store, conversion) => store.Delete(conversion.Id)),
    };

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task A_file_that_is_denied_for_a_while_is_waited_for(string operation)
    {
        var (store, conversion, path) = Deny(operation, TimeSpan.FromSeconds(20));
        var running = Task.Run(() => OperationsByName[operation].Run(store, conversion));
        await Task.Delay(100);
        Assert.False(running.IsCompleted);
        Directory.Delete(path);
        await running.WaitAsync(WaitTimeout);
        Assert.Empty(Directory.GetFiles(Folder, "*.tmp", SearchOption.AllDirectories));
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public void A_file_that_stays_denied_is_an_error_with_a_remedy(string operation)
    {
        var (store, conversion, path) = Deny(operation, Short);
        var error = Assert.Throws<P2VException>(() => OperationsByName[operation].Run(store, conversion));
        Assert.Equal(ErrorIds.StateNotAccessible, error.ErrorId);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains("LINUXP2V_STATE", error.Remedy, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Folder, "*.tmp", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_request_that_cannot_be_taken_yet_is_taken_once()
    {
        var (store, conversion) = (new ConversionStore(Folder, TimeSpan.FromSeconds(20)), Manager().Create(NewTask()));
        store.Requests.RequestLimit(conversion.Id, 7);
        var taken = Directory.CreateDirectory(FileOf(conversion, ".limit.taken")).FullName;
        var limits = new List<double?>();
        var running = Task.Run(() => store.Requests.TakeLimit(conversion.Id, Apply));
        await Task.Delay(100);
        Directory.Delete(taken);
        await running.WaitAsync(WaitTimeout);
        store.Requests.TakeLimit(conversion.Id, Apply);
        Assert.Equal([7.0], limits);
        Assert.False(store.Requests.IsLimitRequested(conversion.Id));

        bool Apply(double? limit)
        {
            limits.Add(limit);
            return true;
        }
    }

    [Fact]
    public void A_request_that_is_not_carried_out_waits_for_the_next_driver()
    {
        var (requests, id) = (new ConversionStore(Folder).Requests, Manager().Create(NewTask()).Id);
        requests.RequestLimit(id, 7);
        requests.TakeLimit(id, _ => false);
        Assert.True(requests.IsLimitRequested(id));
        Assert.Equal([id], requests.List());
        requests.TakeLimit(id, limit => limit == 7);
        Assert.Empty(requests.List());
    }

    [Fact]
    public async Task A_file_that_is_taken_away_while_a_newer_one_replaces_it_is_no_error()
    {
        var (files, path) = (new StateFiles(Short), Path.Combine(Folder, "request"));
        using var enough = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        var taking = Task.Run(() =>
        {
            while (!enough.IsCancellationRequested)
            {
                files.Delete(path);
            }
        });
        while (!enough.IsCancellationRequested)
        {
            var newer = path + ".newer";
            await File.WriteAllTextAsync(newer, "text");
            files.Move(newer, path);
        }

        await taking;
    }

    [Fact]
    public async Task A_file_in_use_is_waited_for()
    {
        var (store, conversion) = (new ConversionStore(Folder, TimeSpan.FromSeconds(20)), Manager().Create(NewTask()));
        var path = FileOf(conversion, ".json");
        Task<Conversion?> reading;
        using (new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            reading = Task.Run(() => store.Find(conversion.Id));
            await Task.Delay(100);
            Assert.False(reading.IsCompleted);
        }

        Assert.Equal(conversion.Id, (await reading.WaitAsync(WaitTimeout))!.Id);
    }

    [Fact]
    public void A_lock_tells_who_looks_and_who_wants_it()
    {
        var (store, other, conversion) = (
            new ConversionStore(Folder, Short),
            new ConversionStore(Folder, Short),
            Manager().Create(NewTask())
        );
        Assert.False(other.IsLocked(conversion.Id));
        using (store.TryLock(conversion.Id))
        {
            Assert.True(other.IsLocked(conversion.Id));
            Assert.Null(other.TryLock(conversion.Id));
        }

        Assert.False(other.IsLocked(conversion.Id));
        using var taken = other.TryLock(conversion.Id);
        Assert.NotNull(taken);
    }

    [Fact]
    public void A_state_folder_that_cannot_be_made_is_an_error_with_a_remedy()
    {
        var file = Path.Combine(Folder, "file");
        File.WriteAllText(file, "");
        var error = Assert.Throws<P2VException>(() => new ConversionStore(Path.Combine(file, "state"), Short));
        Assert.Equal(ErrorIds.StateNotAccessible, error.ErrorId);
        Assert.Contains("LINUXP2V_STATE", error.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_state_folder_is_the_users_alone()
    {
        var state = Path.Combine(Folder, "new", "state");
        new ConversionStore(state).Requests.RequestStop("0123456789ab");
        const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Assert.Equal(Private, File.GetUnixFileMode(state));
        Assert.Equal(Private, File.GetUnixFileMode(Path.Combine(state, "conversions")));
        Assert.Equal(Private, File.GetUnixFileMode(Path.Combine(state, "requests")));
    }

    [Fact]
    public async Task A_run_whose_state_cannot_be_written_ends_and_says_so()
    {
        var manager = Manager();
        var conversion = manager.Create(NewTask());
        var console = new ListeningConsole();
        Directory.CreateDirectory(FileOf(conversion, ".log"));
        manager.Drive(conversion.Id, Destination, Secrets, Options(), console);
        await UntilAsync(() => !manager.IsDriven(conversion.Id));
        Assert.Contains(console.Warnings, warning => warning.Contains("LINUXP2V_STATE", StringComparison.Ordinal));
    }

    private (ConversionStore Store, Conversion Conversion, string Path) Deny(string operation, TimeSpan timeout)
    {
        var conversion = Manager().Create(NewTask());
        var path = FileOf(conversion, OperationsByName[operation].File);
        if (File.Exists(path))
            File.Delete(path);

        Directory.CreateDirectory(path);
        return (new ConversionStore(Folder, timeout), conversion, path);
    }

    private string FileOf(Conversion conversion, string extension) =>
        Path.Combine(Folder, extension is ".stop" or ".limit" or ".limit.taken" ? "requests" : "conversions", conversion.Id + extension);
}
