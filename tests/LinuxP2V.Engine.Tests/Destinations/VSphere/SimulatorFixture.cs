using System.Diagnostics;
using System.Text.Json;
using LinuxP2V.Engine.Destinations.VSphere.Vim;

namespace LinuxP2V.Engine.Tests.Destinations.VSphere;

/// <summary>A vSphere server without machines behind it. The only place that knows how one is started.</summary>
public sealed class SimulatorFixture : IDisposable
{
    public const string UserName = "root";

    /// <summary>May do all but attach networks and add disks.</summary>
    public const string LimitedUser = "limited";

    /// <summary>May do all but make folders on a vSAN.</summary>
    public const string UserWithoutDatastoreConfig = "noconfig";

    /// <summary>May do all but write files to a datastore.</summary>
    public const string UserWithoutFiles = "nofiles";

    /// <summary>May do all but see storage policies.</summary>
    public const string UserWithoutPolicies = "nopolicies";

    /// <summary>May do all but give tags.</summary>
    public const string UserWithoutTags = "notags";

    /// <summary>May do all but see where files of content libraries lie.</summary>
    public const string UserWithoutLibraries = "nolibraries";

    /// <summary>A datastore whose folders have ids in the place of their names.</summary>
    public const string Vsan = "vsan1";

    public const string Cluster = "Cluster1";
    public const string Host = "esx01.lab";
    public const string DistributedNetwork = "Distributed Network";
    public const string Password = "pa55<&>word";

    private static readonly HttpClient Http = new();
    private static readonly Lazy<string> Binary = new(Build);

    private readonly Process process;
    private readonly Uri control;

    private SimulatorFixture(string model, params string[] datastores)
    {
        var start = new ProcessStartInfo(Binary.Value)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] arguments =
        [
            "-model",
            model,
            "-folder",
            Folder,
            "-listen",
            "127.0.0.1:0",
            "-no-qemu",
            "-user",
            $"{UserName}:{Password}:Administrator",
            "-user",
            $"{LimitedUser}:{Password}:Administrator-Network.Assign-VirtualMachine.Config.AddNewDisk",
            "-user",
            $"{UserWithoutDatastoreConfig}:{Password}:Administrator-Datastore.Config",
            "-user",
            $"{UserWithoutFiles}:{Password}:Administrator-Datastore.FileManagement",
            "-user",
            $"{UserWithoutPolicies}:{Password}:Administrator-StorageProfile.View",
            "-user",
            $"{UserWithoutTags}:{Password}:Administrator-InventoryService.Tagging.AttachTag",
            "-user",
            $"{UserWithoutLibraries}:{Password}:Administrator-ContentLibrary.ReadStorage",
            "-datastore",
            "big=100",
            "-datastore",
            "small=20",
        ];
        // A stand-alone host has no datastore clusters.
        if (model == "vcenter")
            arguments = [.. arguments, "-datastore", "Pod1/pod-a=20", "-datastore", "Pod1/pod-b=15", "-datastore", $"{Vsan}=30+vsan"];

        foreach (var argument in arguments.Concat(datastores.SelectMany(datastore => new[] { "-datastore", datastore })))
            start.ArgumentList.Add(argument);

        process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        using var words = JsonDocument.Parse(
            process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The lab server ended.")
        );
        Port = words.RootElement.GetProperty("port").GetInt32();
        control = new Uri($"http://127.0.0.1:{words.RootElement.GetProperty("controlPort").GetInt32()}");
        Sha1 = words.RootElement.GetProperty("thumbprintSha1").GetString()!;
        Sha256 = words.RootElement.GetProperty("thumbprintSha256").GetString()!;
    }

    /// <summary>Holds the files of all datastores.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("p2v-vsphere-").FullName;

    public int Port { get; }

    public string Sha1 { get; }

    public string Sha256 { get; }

    public VSphereConnectionOptions Options =>
        new()
        {
            Address = "127.0.0.1",
            Port = Port,
            UserName = UserName,
            Password = Password,
            CertificateThumbprint = Sha256,
            HelperTimeout = TimeSpan.FromSeconds(30),
        };

    public VSphereConnectionOptions OptionsOf(string user) => Options with { UserName = user };

    /// <param name="datastores">More of them, each as name=GB.</param>
    public static SimulatorFixture VCenter(params string[] datastores) => new("vcenter", datastores);

    public static SimulatorFixture Esx() => new("esx");

    internal Task<VimClient> ConnectAsync(Func<HttpMessageHandler, HttpMessageHandler>? wrap = null) =>
        VimClient.ConnectAsync(Options, wrap, CancellationToken.None);

    /// <summary>Changes the world behind the server.</summary>
    public async Task ControlAsync(string path, string json)
    {
        using var response = await Http.PostAsync(new Uri(control, path), new StringContent(json));
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    public void Dispose()
    {
        process.StandardInput.Close();
        if (!process.WaitForExit(10_000))
            process.Kill();

        process.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>The lab's own script: quick when nothing changed.</summary>
    private static string Build()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "LinuxP2V.sln")))
            root = root.Parent!;

        using var build = Process.Start(
            new ProcessStartInfo(Path.Combine(root.FullName, "tests/lab/vsphere/build.sh")) { RedirectStandardOutput = true }
        )!;
        var path = build.StandardOutput.ReadToEnd().Trim();
        build.WaitForExit();
        return build.ExitCode == 0 ? path : throw new InvalidOperationException("The vSphere lab was not built: its words are above.");
    }
}
