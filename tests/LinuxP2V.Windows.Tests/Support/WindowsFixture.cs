using LinuxP2V.Lab;

namespace LinuxP2V.Windows.Tests.Support;

/// <summary>A Windows under wine with PowerShell 7, and the packaged module to try there.</summary>
public sealed class WindowsFixture : IAsyncLifetime
{
    internal Wine Wine { get; private set; } = null!;

    internal WindowsRuntime Runtime { get; private set; } = null!;

    /// <summary>As ./build.sh package makes it.</summary>
    public static string Module { get; } = Path.Combine(LabPaths.Output, "LinuxP2V");

    public async Task InitializeAsync()
    {
        if (!Directory.Exists(Module))
        {
            throw new LabException($"{Module} is missing: ./build.sh package makes it.");
        }

        var folder = Directory.CreateDirectory(Path.Combine(LabPaths.Lab, "windows")).FullName;
        Runtime = await WindowsRuntime.AssembleAsync();
        Wine = await Wine.StartAsync(folder);
    }

    public Task DisposeAsync() => Wine?.StopAsync() ?? Task.CompletedTask;

    /// <summary>Removes what the module keeps of earlier runs, so that its own places are empty as on a new machine.</summary>
    public void ForgetUser()
    {
        foreach (var folder in new[] { Path.Combine(Wine.Profile, "AppData", "Local", "LinuxP2V"), Path.Combine(Wine.Profile, ".ssh") })
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }
}

[CollectionDefinition(Name)]
public sealed class WindowsTestGroup : ICollectionFixture<WindowsFixture>
{
    public const string Name = "one Windows";
}
