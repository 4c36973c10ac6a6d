using System.Diagnostics;
using static LinuxP2V.Lab.VSphere.Tests.CreationTests;

namespace LinuxP2V.Lab.VSphere.Tests;

/// <summary>Each kind of trouble that a test can order, and that tasks run beside their call.</summary>
[Collection(CallsGroup.Name)]
public sealed class FaultInjectionTests(CallsFixture fixture)
{
    private VSphereLabControl Control => fixture.Lab.Control;

    [Fact]
    public async Task A_task_fails_as_ordered_as_often_as_ordered()
    {
        using var client = await RawClient.LoginAsync(fixture.Lab);
        await Control.InjectAsync(
            new("CreateVM_Task", VSphereFaultKind.TaskError) { Fault = "InsufficientStorageSpace", Match = "ordered" }
        );

        Assert.NotEmpty(await new VmRecipe("another").CreateAsync(client));
        Assert.Equal("InsufficientStorageSpace", (await FaultOf(() => new VmRecipe("ordered").CreateAsync(client))).Type);
        Assert.NotEmpty(await new VmRecipe("ordered").CreateAsync(client));
    }

    [Fact]
    public async Task A_slow_task_tells_its_progress_and_can_be_cancelled()
    {
        using var client = await RawClient.LoginAsync(fixture.Lab);
        var vm = await new VmRecipe("slow").CreateAsync(client);
        await Control.InjectAsync(new("PowerOnVM_Task", VSphereFaultKind.Slow) { AfterMs = 20_000 });

        var clock = Stopwatch.StartNew();
        var task = (await client.CallAsync("PowerOnVM_Task", vm, "")).Value;
        Assert.Equal("running", await client.PropertyAsync($"Task:{task}", "info.state"));
        Assert.Equal("poweredOff", await client.PropertyAsync(vm, "runtime.powerState"));
        while (await client.PropertyAsync($"Task:{task}", "info.progress") is "" or "0")
            await Task.Delay(100);
        await client.CallAsync("CancelTask", $"Task:{task}", "");

        Assert.Equal("RequestCanceled", (await FaultOf(() => client.WaitAsync(task))).Type);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(15));
        Assert.Equal("poweredOff", await client.PropertyAsync(vm, "runtime.powerState"));
    }

    [Fact]
    public async Task Sessions_connections_and_answers_get_lost()
    {
        using var client = await RawClient.LoginAsync(fixture.Lab);
        var vm = await new VmRecipe("lossy").CreateAsync(client);

        await Control.InjectAsync(new("PowerOnVM_Task", VSphereFaultKind.DropSession));
        Assert.Equal("NotAuthenticated", (await FaultOf(() => client.RunAsync("PowerOnVM_Task", vm))).Type);
        await client.LoginAsync(fixture.Lab.UserWith("Administrator"));

        await Control.InjectAsync(new("PowerOnVM_Task", VSphereFaultKind.Http) { Status = 503 });
        Assert.Equal(
            System.Net.HttpStatusCode.ServiceUnavailable,
            (await Assert.ThrowsAsync<HttpRequestException>(() => client.RunAsync("PowerOnVM_Task", vm))).StatusCode
        );

        await Control.InjectAsync(new("PowerOnVM_Task", VSphereFaultKind.Disconnect));
        await Assert.ThrowsAsync<HttpRequestException>(() => client.RunAsync("PowerOnVM_Task", vm));
        Assert.Equal("poweredOff", await client.PropertyAsync(vm, "runtime.powerState"));

        await Control.InjectAsync(new("PowerOnVM_Task", VSphereFaultKind.Fault) { Fault = "TaskInProgress" });
        Assert.Equal("TaskInProgress", (await FaultOf(() => client.RunAsync("PowerOnVM_Task", vm))).Type);

        // The one that makes a second VM of a careless retry.
        await Control.InjectAsync(new("PowerOnVM_Task", VSphereFaultKind.DisconnectAfter));
        await Assert.ThrowsAsync<HttpRequestException>(() => client.RunAsync("PowerOnVM_Task", vm));
        await UntilAsync(async () => await client.PropertyAsync(vm, "runtime.powerState") == "poweredOn");
    }

    [Fact]
    public async Task An_upload_breaks_off_and_a_full_datastore_takes_none()
    {
        using var client = await RawClient.LoginAsync(fixture.Lab);
        await Control.InjectAsync(new("PUT /folder", VSphereFaultKind.Disconnect) { AfterBytes = 1000, Match = null });

        await Assert.ThrowsAsync<HttpRequestException>(() =>
            client.PutAsync("cut.iso", "datastore1", new ByteArrayContent(new byte[8 << 20]))
        );
        using var full = await client.PutAsync("big.iso", "tiny", new ByteArrayContent(new byte[2 << 20]));

        Assert.Equal(1000, new FileInfo(Path.Combine((await Control.StateAsync()).Datastore("datastore1").Folder, "cut.iso")).Length);
        Assert.Equal(System.Net.HttpStatusCode.InternalServerError, full.StatusCode);
        await Control.SetDatastoreAsync("tiny", capacityGB: 1);
        using var room = await client.PutAsync("big.iso", "tiny", new ByteArrayContent(new byte[2 << 20]));
        Assert.Equal(System.Net.HttpStatusCode.Created, room.StatusCode);
    }

    internal static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        for (var end = DateTime.UtcNow.AddSeconds(20); !await isSo(); await Task.Delay(100))
            Assert.True(DateTime.UtcNow < end, "It did not come about in 20 s.");
    }
}
