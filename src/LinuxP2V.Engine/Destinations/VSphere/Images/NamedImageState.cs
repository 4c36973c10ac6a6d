namespace LinuxP2V.Engine.Destinations.VSphere.Images;

/// <summary>What became of the comparison of an ISO on a datastore with the module's image.</summary>
internal enum NamedImageState
{
    /// <summary>Its content is the image's.</summary>
    Same,

    /// <summary>It is as long as the image; its content could not be read.</summary>
    SameLength,

    /// <summary>It is another file.</summary>
    Other,

    /// <summary>It is not there.</summary>
    Absent,

    /// <summary>It is there; the image that it is to be compared with is not known.</summary>
    Unknown,
}
